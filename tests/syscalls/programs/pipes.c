/* Pipes: what they hold, their size, packets, and what a position is to them.
   build: -O1 -static -Wno-nonnull -Wno-stringop-overflow -Wno-stringop-overread */
#include "told.h"

int main(int argc, char **argv) {
  int p[2], q[2];
  static char b[70000];
  T(pipe2(p, O_NONBLOCK));
  T(fcntl(p[0], F_GETPIPE_SZ));
  T(write(p[1], b, 70000));
  T(write(p[1], b, 1));
  int n;
  ioctl(p[0], FIONREAD, &n);
  printf("%d\n", n);
  T(read(p[0], b, 65000));
  T(read(p[0], b, 1000));
  T(read(p[0], b, 1));
  T(fcntl(p[1], F_SETPIPE_SZ, 5000));
  T(fcntl(p[1], F_SETPIPE_SZ, 0));
  T(write(p[1], b, 5000));
  T(fcntl(p[1], F_SETPIPE_SZ, 1<<20));
  T(fcntl(p[1], F_SETPIPE_SZ, -1));
  T(lseek(p[0], 0, SEEK_CUR));
  T(pread(p[0], b, 1, 0));
  struct stat s;
  fstat(p[0], &s);
  printf("%o %d\n", s.st_mode, (int)s.st_size);
  while (read(p[0], b, 70000) > 0);
  T(pipe2(q, O_DIRECT|O_NONBLOCK));
  T(write(q[1], "hello", 5));
  T(write(q[1], "world!", 6));
  T(read(q[0], b, 3));
  T(read(q[0], b, 100));
  T(read(q[0], b, 1));
  T(fcntl(q[0], F_GETFL));
  T(fcntl(p[1], F_GETFL));
  signal(SIGPIPE, SIG_IGN);
  close(p[0]);
  T(write(p[1], "x", 1));
  close(q[1]);
  T(read(q[0], b, 5));
  T(pipe2((int *)1, 0));
  T(pipe2(p, O_CLOEXEC));
  T(fcntl(p[0], F_GETFD));
  return 0;
}
