/* Shared memory of a process and its child.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  char c;
  int f = open("m.tmp", O_RDWR|O_CREAT|O_TRUNC, 0644);
  ftruncate(f, 4096);
  char *v = mmap(0, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0);
  char *sh = mmap(0, 4096, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1, 0);
  if (fork() == 0) { sh[0] = 'c'; v[7] = 'k'; _exit(0); }
  wait(0);
  printf("%c %c\n", sh[0], v[7]);
  pread(f,&c,1,7);
  printf("%c\n", c);
  int mf = memfd_create("s", 0);
  ftruncate(mf, 4096);
  char *m1 = mmap(0,4096,3,MAP_SHARED,mf,0), *m2 = mmap(0,4096,3,MAP_SHARED,mf,0);
  m1[3]='3';
  printf("%c\n", m2[3]);
  pread(mf,&c,1,3);
  printf("%c\n", c);
  unlink("m.tmp");
  return 0;
}
