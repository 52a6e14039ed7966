/* statfs.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  mkdir("pd", 0755);
  chdir("pd");
  mkdir("a", 0755);
  mkdir("a/b", 0755);
  close(open("a/f", O_CREAT|O_WRONLY, 0640));
  symlink("f", "a/l");
  symlink("/etc", "a/abs");
  symlink("..", "a/up");
  symlink("loop", "loop");
  symlink("nowhere", "dangling");
  struct stat s;
  int fd = open("a/f", O_RDONLY);
  struct statfs sf;
  T(statfs("a", &sf));
  T(statfs("none", &sf));
  T(fstatfs(fd, &sf));
  T(sf.f_namelen);
  int p[2];
  pipe(p);
  T(fstatfs(p[0], &sf));
  printf("%lx\n", (long)sf.f_type);
  T(statfs("/proc/self", &sf));
  printf("%lx\n", (long)sf.f_type);
  chdir("..");
  return 0;
}
