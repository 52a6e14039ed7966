/* statfs.
   build: -O1 -static */
#include "told.h"
#include <sys/statvfs.h>

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  int fd = open("a/f", O_RDONLY);
  struct statfs sf;
  T(statfs("a", &sf));
  T(statfs("none", &sf));
  T(fstatfs(fd, &sf));
  T(sf.f_namelen);
  T(sf.f_flags & (ST_RDONLY | 0x20));
  int p[2];
  pipe(p);
  T(fstatfs(p[0], &sf));
  printf("%lx\n", (long)sf.f_type);
  T(statfs("/proc/self", &sf));
  printf("%lx\n", (long)sf.f_type);
  chdir("..");
  return 0;
}
