/* Modes and owners.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  T(fchmodat(AT_FDCWD, "a/f", 0604, 0));
  stat("a/f", &s);
  printf("%o\n", s.st_mode);
  T(fchmodat(AT_FDCWD, "dangling", 0604, 0));
  T(syscall(SYS_fchmod, 99, 0));
  T(fchownat(AT_FDCWD, "a/l", -1, -1, AT_SYMLINK_NOFOLLOW));
  T(fchownat(AT_FDCWD, "", -1, -1, AT_EMPTY_PATH));
  T(fchownat(AT_FDCWD, "a/f", -1, -1, 0x8000));
  T(fchown(99, -1, -1));
  chdir("..");
  return 0;
}
