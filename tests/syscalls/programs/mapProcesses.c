/* A file that two processes map apart from each other: each sees what the other writes.
   build: -O1 -static */
#include "told.h"

int main(void) {
  int turn[2], back[2];
  char c;
  pipe(turn);
  pipe(back);
  int f = open("m", O_RDWR | O_CREAT, 0600);
  ftruncate(f, 8192);
  if (fork() == 0) {
    char *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, open("m", O_RDWR), 0);
    read(turn[0], &c, 1);
    printf("child sees %c\n", m[5000]);
    fflush(stdout);
    m[1] = 'b';
    write(back[1], "x", 1);
    read(turn[0], &c, 1);
    printf("child sees %c\n", m[2]);
    fflush(stdout);
    _exit(0);
  }
  char *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
  m[5000] = 'a';
  write(turn[1], "x", 1);
  read(back[0], &c, 1);
  printf("parent sees %c\n", m[1]);
  fflush(stdout);
  pwrite(f, "c", 1, 2);
  write(turn[1], "x", 1);
  wait(0);
  pread(f, &c, 1, 1);
  printf("the file has %c\n", c);
  return 0;
}
