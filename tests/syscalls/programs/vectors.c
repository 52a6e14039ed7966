/* Vectored reads and writes, and positions.
   build: -O1 -static -Wno-nonnull -Wno-stringop-overflow -Wno-stringop-overread */
#include "told.h"

int main(int argc, char **argv) {
  int f = open("d.tmp", O_RDWR|O_CREAT|O_TRUNC, 0644), p[2];
  pipe(p);
  struct iovec v[3] = {{"abc", 3}, {"", 0}, {"defg", 4}};
  T(writev(f, v, 3));
  T(pwritev(f, v, 3, 10));
  T(writev(f, v, -1));
  T(writev(f, v, 1025));
  T(writev(f, v, 0));
  char b[30], c[30];
  struct iovec r[2] = {{b, 2}, {c, 30}};
  T(preadv(f, r, 2, 1));
  printf("%.2s %.4s\n", b, c);
  T(preadv(f, r, 2, -1));
  T(preadv(p[0], r, 2, 0));
  T(pread(f, b, 10, -5));
  T(pread(f, b, 10, 100));
  v[0].iov_len = -1;
  T(writev(f, v, 3));
  v[0].iov_base = (void*)1;
  v[0].iov_len = 3;
  T(writev(f, v, 3));
  T(readv(f, 0, 2));
  T(lseek(f, -1, SEEK_SET));
  T(lseek(f, 5, SEEK_END));
  T(lseek(f, 0, 9));
  T(lseek(f, 0, SEEK_DATA));
  T(lseek(f, 3, SEEK_HOLE));
  T(lseek(f, 1000, SEEK_DATA));
  unlink("d.tmp");
  return 0;
}
