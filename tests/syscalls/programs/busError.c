/* An access behind the last page of a mapped file.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  int f = open("m.tmp", O_RDWR|O_CREAT|O_TRUNC, 0644);
  write(f, "abc", 3);
  unlink("m.tmp");
  volatile char *m = mmap(0, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE, f, 0);
  printf("%d\n", m[4095]);
  fflush(stdout);
  printf("%d\n", m[4096]);
  return 0;
}
