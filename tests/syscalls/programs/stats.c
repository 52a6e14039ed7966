/* What stat and statx tell, and of which paths.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  struct statx x;
  T(fstatat(AT_FDCWD, "", &s, 0));
  T(fstatat(AT_FDCWD, "", &s, AT_EMPTY_PATH));
  printf("%o\n", s.st_mode);
  T(fstatat(AT_FDCWD, "a/f", &s, 0x10));
  T(fstatat(99, "a", &s, 0));
  T(fstatat(AT_FDCWD, "a/f/", &s, 0));
  T(fstatat(AT_FDCWD, "a/f/x", &s, 0));
  T(fstatat(AT_FDCWD, "a/l", &s, AT_SYMLINK_NOFOLLOW));
  printf("%o %d\n", s.st_mode, (int)s.st_size);
  T(fstatat(AT_FDCWD, "loop", &s, 0));
  T(fstatat(AT_FDCWD, "dangling", &s, 0));
  T(fstatat(AT_FDCWD, "a/up/", &s, AT_SYMLINK_NOFOLLOW));
  printf("%o\n", s.st_mode & 0170000);
  char big[5000];
  memset(big, 'a', 4999);
  big[4999]=0;
  T(fstatat(AT_FDCWD, big, &s, 0));
  big[300]=0;
  T(fstatat(AT_FDCWD, big, &s, 0));
  T(fstatat(AT_FDCWD, (char*)1, &s, 0));
  T(fstatat(AT_FDCWD, "a", (void*)1, 0));
  T(statx(AT_FDCWD, "a/f", 0, STATX_ALL, &x));
  printf("%x %o %d\n", x.stx_mask & 0x7ff, x.stx_mode, x.stx_nlink);
  T(statx(AT_FDCWD, "a/f", 0x6000, STATX_ALL, &x));
  T(statx(AT_FDCWD, "a/f", 0, 0x80000000, &x));
  T(statx(AT_FDCWD, "", AT_EMPTY_PATH, STATX_ALL, &x));
  chdir("..");
  return 0;
}
