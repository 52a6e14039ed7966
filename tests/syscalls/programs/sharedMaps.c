/* Shared and private mappings of files: what they see of each other and of the file.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  int f = open("m.tmp", O_RDWR|O_CREAT|O_TRUNC, 0644);
  char page[5000];
  memset(page, 'a', 5000);
  write(f, page, 5000);
  char *m = mmap(0, 4*4096, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0), *n = mmap(0, 2*4096, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0), *p = mmap(0, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE, f, 4096);
  printf("%d %d %d\n", m[4999], m[5000], m[8191]);
  m[0] = 'X';
  printf("%c\n", n[0]);
  char c;
  pread(f, &c, 1, 0);
  printf("%c\n", c);
  pwrite(f, "Y", 1, 1);
  printf("%c\n", m[1]);
  p[0] = 'P';
  printf("%c\n", m[4096]);
  m[4097] = 'Q';
  m[6000] = 'z';
  msync(m, 8192, MS_SYNC);
  struct stat s;
  fstat(f, &s);
  printf("%d\n", (int)s.st_size);
  ftruncate(f, 3*4096);
  printf("%d %d\n", m[8192], m[3*4096-1]);
  m[8192] = 'T';
  pread(f, &c, 1, 8192);
  printf("%c\n", c);
  printf("%d\n", m[6000]);
  unlink("m.tmp");
  return 0;
}
