/* An access to a page that a mapped file has got since.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  int f = open("m.tmp", O_RDWR|O_CREAT|O_TRUNC, 0644);
  write(f, "abc", 3);
  unlink("m.tmp");
  volatile char *m = mmap(0, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0);
  printf("%d\n", m[4095]);
  fflush(stdout);
  ftruncate(f, 8192);
  m[4096] = 5;
  char c;
  pread(f, &c, 1, 4096);
  printf("%d %d\n", m[4096], c);
  return 0;
}
