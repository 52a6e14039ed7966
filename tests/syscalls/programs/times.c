/* utimensat.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  struct timespec ts[2] = {{100, 5000}, {200, 6000}};
  T(utimensat(AT_FDCWD, "a/f", ts, 0));
  stat("a/f", &s);
  printf("%ld.%09ld %ld.%09ld\n", s.st_atim.tv_sec, s.st_atim.tv_nsec, s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
  ts[0].tv_nsec = UTIME_OMIT;
  ts[1].tv_sec = 300;
  T(utimensat(AT_FDCWD, "a/f", ts, 0));
  stat("a/f", &s);
  printf("%ld %ld\n", s.st_atim.tv_sec, s.st_mtim.tv_sec);
  ts[0].tv_nsec = 1000000000;
  T(utimensat(AT_FDCWD, "a/f", ts, 0));
  ts[0].tv_nsec=0;
  T(utimensat(AT_FDCWD, "a/l", ts, AT_SYMLINK_NOFOLLOW));
  lstat("a/l", &s);
  printf("%ld\n", s.st_mtim.tv_sec);
  T(utimensat(AT_FDCWD, "a/f", 0, 7));
  T(utimensat(99, "a/f", 0, 0));
  int fd = open("a/f", O_RDONLY);
  ts[0].tv_sec=7;
  T(futimens(fd, ts));
  fstat(fd, &s);
  printf("%ld\n", s.st_atim.tv_sec);
  T(syscall(SYS_utimensat, AT_FDCWD, 0, 0, 0));
  T(utimensat(AT_FDCWD, "dangling", 0, 0));
  chdir("..");
  return 0;
}
