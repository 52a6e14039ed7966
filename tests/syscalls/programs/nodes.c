/* mknod and the umask.
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
