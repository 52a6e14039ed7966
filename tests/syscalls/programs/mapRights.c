/* How a file may be mapped, by how it was opened.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  char c;
  int f = open("m.tmp", O_RDWR|O_CREAT|O_TRUNC, 0644);
  ftruncate(f, 3 * 4096);
  char *m = mmap(0, 4*4096, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0);
  int g = open("m.tmp", O_RDONLY);
  T(mmap(0, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, g, 0) == MAP_FAILED ? -1 : 0);
  char *ro = mmap(0, 4096, PROT_READ, MAP_SHARED, g, 0);
  T(mprotect(ro, 4096, PROT_READ|PROT_WRITE));
  m[5]='R';
  printf("%c\n", ro[5]);
  T(mmap(0, 4096, PROT_READ, MAP_PRIVATE, f, 1) == MAP_FAILED ? -1 : 0);
  T(mmap(0, 0, PROT_READ, MAP_PRIVATE, f, 0) == MAP_FAILED ? -1 : 0);
  int d = open(".", O_RDONLY);
  T(mmap(0, 4096, PROT_READ, MAP_PRIVATE, d, 0) == MAP_FAILED ? -1 : 0);
  T(mmap(0, 4096, PROT_READ, 0, f, 0) == MAP_FAILED ? -1 : 0);
  T(mmap(0, 4096, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED ? -1 : 0);
  int w = open("m.tmp", O_WRONLY);
  T(mmap(0, 4096, PROT_READ, MAP_SHARED, w, 0) == MAP_FAILED ? -1 : 0);
  m[100] = 'U';
  munmap(m, 4*4096);
  pread(f, &c, 1, 100);
  printf("%c\n", c);
  int z = open("/dev/zero", O_RDWR);
  char *zz = mmap(0, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE, z, 0);
  zz[1] = 1;
  printf("%d %d\n", zz[0], zz[1]);
  unlink("m.tmp");
  return 0;
}
