/* readlinkat, also of an open link.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  int d = open("a", O_PATH|O_DIRECTORY);
  char b[100];
  T(readlink("a/l", b, 100));
  T(readlink("a/l", b, 0));
  T(readlink("a/f", b, 100));
  T(readlink("none", b, 10));
  T(readlink("a/abs", b, 2));
  T(readlinkat(d, "l", b, 10));
  T(readlinkat(AT_FDCWD, "", b, 10));
  int pl = open("a/l", O_PATH|O_NOFOLLOW);
  T(readlinkat(pl, "", b, 10));
  chdir("..");
  return 0;
}
