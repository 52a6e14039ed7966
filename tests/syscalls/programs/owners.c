/* Modes and owners.
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
