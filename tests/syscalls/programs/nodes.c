/* mknod and the umask.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  umask(027);
  T(mknod("fi", S_IFIFO|0666, 0));
  lstat("fi", &s);
  printf("%o\n", s.st_mode);
  T(mknod("fi", S_IFIFO|0666, 0));
  T(mknod("no/fi", S_IFIFO|0666, 0));
  T(mknod("reg", S_IFREG|0666, 0));
  lstat("reg", &s);
  printf("%o\n", s.st_mode);
  T(mknod("reg2", 0666, 0));
  T(umask(022));
  T(umask(0777));
  umask(022);
  chdir("..");
  return 0;
}
