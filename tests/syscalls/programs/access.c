/* faccessat2 with its flags.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  T(faccessat(AT_FDCWD, "a/f", R_OK, 0));
  T(syscall(SYS_faccessat2, AT_FDCWD, "dangling", 0, AT_SYMLINK_NOFOLLOW));
  T(syscall(SYS_faccessat2, AT_FDCWD, "dangling", 0, 0));
  T(syscall(SYS_faccessat2, AT_FDCWD, "a", 8, 0));
  T(syscall(SYS_faccessat2, AT_FDCWD, "a", 0, 0x8000));
  T(syscall(SYS_faccessat2, AT_FDCWD, "a/f", X_OK, 0));
  int d = open("a", O_PATH|O_DIRECTORY);
  T(syscall(SYS_faccessat2, d, "", 0, AT_EMPTY_PATH));
  chdir("..");
  return 0;
}
