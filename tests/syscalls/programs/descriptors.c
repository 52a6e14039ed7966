/* Copies of descriptors, their flags, and descriptors that only name a file.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  int f = open("d.tmp", O_RDWR|O_CREAT|O_TRUNC, 0644), p[2];
  pipe(p);
  T(dup3(f, f, 0));
  T(dup3(f, 50, 1));
  T(dup3(99, 50, 0));
  T(dup3(f, -1, 0));
  T(dup3(f, 1<<28, 0));
  T(dup3(f, 50, O_CLOEXEC));
  T(fcntl(50, F_GETFD));
  T(fcntl(50, F_SETFD, 0));
  T(fcntl(50, F_GETFD));
  T(fcntl(f, F_DUPFD, 60));
  T(fcntl(f, F_DUPFD_CLOEXEC, 60));
  T(fcntl(f, F_DUPFD, -1));
  T(fcntl(f, F_DUPFD, 1<<28));
  T(fcntl(f, F_GETFL));
  T(fcntl(f, F_SETFL, O_APPEND|O_NONBLOCK|O_RDONLY));
  T(fcntl(f, F_GETFL));
  T(fcntl(f, F_SETFL, 0));
  T(fcntl(f, F_GETOWN));
  T(fcntl(f, F_SETOWN, 0));
  T(fcntl(f, F_GETSIG));
  T(fcntl(f, F_SETSIG, 10));
  T(fcntl(f, F_GETSIG));
  T(fcntl(f, F_SETSIG, 100));
  T(fcntl(f, 9999));
  T(fcntl(99, F_GETFL));
  T(fcntl(f, F_GETLEASE));
  T(fcntl(f, F_GETPIPE_SZ));
  T(fcntl(f, F_GET_SEALS));
  int o = open("d.tmp", O_PATH);
  T(fcntl(o, F_GETFL));
  T(fcntl(o, F_SETFL, 0));
  T(read(o, p, 1));
  T(fcntl(o, F_GETFD));
  struct stat s;
  T(fstat(o, &s));
  T(fchmod(o, 0600));
  T(ioctl(o, FIONREAD, &s));
  T(lseek(o, 0, 0));
  T(ftruncate(o, 0));
  T(fsync(o));
  T(mmap(0, 4096, PROT_READ, MAP_PRIVATE, o, 0) == MAP_FAILED ? -1 : 0);
  T(syscall(SYS_close_range, 50, 70, 4));
  T(fcntl(60, F_GETFD));
  T(syscall(SYS_close_range, 50, 70, 0));
  T(fcntl(60, F_GETFD));
  T(syscall(SYS_close_range, 5, 4, 0));
  T(syscall(SYS_close_range, 100, 200, 8));
  T(syscall(SYS_close_range, 100, ~0U, 2));
  unlink("d.tmp");
  return 0;
}
