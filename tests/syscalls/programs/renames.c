/* renameat2: keeping what is there, trading places, and what cannot be.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  T(renameat2(AT_FDCWD, "a/f", AT_FDCWD, "a/b", 1));
  T(renameat2(AT_FDCWD, "a/f", AT_FDCWD, "a/b", 2));
  T(stat("a/f", &s));
  printf("%o\n", s.st_mode & 0170000);
  T(renameat2(AT_FDCWD, "a/f", AT_FDCWD, "a/b", 2));
  T(renameat2(AT_FDCWD, "a/f", AT_FDCWD, "x/b", 0));
  T(renameat2(AT_FDCWD, "none", AT_FDCWD, "a/b", 1));
  T(renameat2(AT_FDCWD, "a/f", AT_FDCWD, "a/b", 3));
  T(renameat2(AT_FDCWD, "a/f", AT_FDCWD, "a/b", 8));
  T(rename("a", "a/b/c"));
  T(rename("a/f", "a/b"));
  chdir("..");
  return 0;
}
