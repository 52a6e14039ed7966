/* Files in memory, and their seals.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  struct stat s;
  int mf = T(memfd_create("name", MFD_ALLOW_SEALING));
  T(fcntl(mf, F_GET_SEALS));
  T(write(mf, "hello", 5));
  T(fcntl(mf, F_ADD_SEALS, F_SEAL_GROW));
  T(write(mf, "x", 1));
  T(ftruncate(mf, 10));
  T(ftruncate(mf, 3));
  T(fcntl(mf, F_ADD_SEALS, F_SEAL_WRITE|F_SEAL_SEAL));
  T(pwrite(mf, "x", 1, 0));
  T(fcntl(mf, F_ADD_SEALS, F_SEAL_SHRINK));
  T(fcntl(mf, F_GET_SEALS));
  fstat(mf, &s);
  printf("%o %d %d\n", s.st_mode, (int)s.st_size, (int)s.st_nlink);
  char lk[100];
  char nm[40];
  sprintf(nm, "/proc/self/fd/%d", mf);
  T(readlink(nm, lk, 100));
  printf("%.20s\n", lk);
  T(memfd_create("x", 0x1000));
  mf = memfd_create("n", 0);
  T(fcntl(mf, F_GET_SEALS));
  T(mmap(0,4096,PROT_READ|PROT_WRITE,MAP_SHARED,mf,0)==MAP_FAILED);
  int m2 = open(nm, O_RDWR);
  T(m2 > 0);
  return 0;
}
