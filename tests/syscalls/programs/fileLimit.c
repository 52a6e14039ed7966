/* RLIMIT_FSIZE: writes up to it, and none beyond.
   build: -O1 -static */
#include "told.h"

static int signals;

static void count(int signal) {
  signals++;
}

int main(void) {
  struct rlimit limit = {10, 100};
  int f = open("f", O_RDWR | O_CREAT, 0600);
  signal(SIGXFSZ, count);
  setrlimit(RLIMIT_FSIZE, &limit);
  T(write(f, "0123456789abcdef", 16));
  T(write(f, "x", 1));
  T(signals);
  T(pwrite(f, "xyz", 3, 8));
  T(pwrite(f, "xyz", 3, 10));
  T(signals);
  T(ftruncate(f, 11));
  T(ftruncate(f, 10));
  T(fallocate(f, 0, 0, 11));
  T(signals);
  int p[2];
  pipe(p);
  T(write(p[1], "0123456789abcdef", 16));
  limit.rlim_cur = RLIM_INFINITY;
  limit.rlim_max = RLIM_INFINITY;
  setrlimit(RLIMIT_FSIZE, &limit);
  lseek(f, 0, SEEK_END);
  printf("%d\n", (int)lseek(f, 0, SEEK_CUR));
  return 0;
}
