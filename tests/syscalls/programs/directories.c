/* The working directory.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  char b[300];
  int d = open("a", O_PATH|O_DIRECTORY), fd = open("a/f", O_RDONLY);
  T(chdir("a/f"));
  T(chdir("none"));
  T(fchdir(fd));
  T(fchdir(d));
  T(!strcmp(getcwd(b, 100) + strlen(b) - 5, "/pd/a"));
  T(syscall(SYS_getcwd, b, 2));
  T(chdir(".."));
  chdir("..");
  return 0;
}
