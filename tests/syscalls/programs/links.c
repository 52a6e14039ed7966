/* Links, and removing names.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  T(linkat(AT_FDCWD, "a/l", AT_FDCWD, "hl", 0));
  lstat("hl", &s);
  printf("%o\n", s.st_mode & 0170000);
  T(linkat(AT_FDCWD, "a/l", AT_FDCWD, "hf", AT_SYMLINK_FOLLOW));
  lstat("hf", &s);
  printf("%o %d\n", s.st_mode & 0170000, (int)s.st_nlink);
  T(linkat(AT_FDCWD, "a/f", AT_FDCWD, "hf", 0));
  T(linkat(AT_FDCWD, "a", AT_FDCWD, "hd", 0));
  T(linkat(AT_FDCWD, "a/f", AT_FDCWD, "q", 0x100));
  T(symlinkat("", AT_FDCWD, "e"));
  T(symlinkat("x", AT_FDCWD, "hf"));
  T(unlinkat(AT_FDCWD, "a", 0));
  T(unlinkat(AT_FDCWD, "a", AT_REMOVEDIR));
  T(unlinkat(AT_FDCWD, "hf", AT_REMOVEDIR));
  T(unlinkat(AT_FDCWD, "hf", 1));
  T(unlinkat(AT_FDCWD, "", 0));
  T(unlinkat(AT_FDCWD, "none", 0));
  T(mkdirat(AT_FDCWD, "a", 0));
  T(mkdirat(AT_FDCWD, "nd/", 0700));
  T(mkdirat(AT_FDCWD, "z/z", 0700));
  T(rmdir("nd/"));
  T(rmdir("."));
  T(rmdir("a/.."));
  chdir("..");
  return 0;
}
