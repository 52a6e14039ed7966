/* mremap, madvise, msync, mlock and mincore of mapped files.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  char c;
  int f = open("m.tmp", O_RDWR|O_CREAT|O_TRUNC, 0644);
  ftruncate(f, 3 * 4096);
  pwrite(f, "abc", 3, 4095);
  char *n = mmap(0, 2*4096, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0);
  char *v = mremap(n, 8192, 3*4096, MREMAP_MAYMOVE);
  printf("%c %c\n", v[100], v[8192]);
  v[101]='V';
  pread(f,&c,1,101);
  printf("%c\n", c);
  char *q = mmap(0, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE, f, 0);
  q[0] = '!';
  T(madvise(q, 8192, MADV_DONTNEED));
  printf("%c\n", q[0]);
  T(madvise(q, 8192, MADV_DONTNEED));
  T(madvise(q+1, 10, MADV_NORMAL));
  T(msync(q, 4096, 5));
  T(msync(q+1, 1, MS_SYNC));
  T(mlock(q, 4096));
  T(munlock(q, 4096));
  munmap(q, 8192);
  T(msync(q, 4096, MS_SYNC));
  T(mlock(q, 4096));
  unsigned char vec[4];
  T(mincore(v, 4096, vec));
  T(mincore(q, 4096, vec));
  unlink("m.tmp");
  return 0;
}
