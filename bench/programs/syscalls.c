/* System calls: getppid, and 64 bytes through a pipe.
   kind: syscalls
   build: -O2 -static */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROUNDS = 800000 };

int main(void) {
  int ends[2];
  char piece[64];
  unsigned long sum = 0;
  long parent = getppid();
  memset(piece, 7, sizeof piece);
  if (pipe(ends) != 0) return 1;
  for (unsigned i = 0; i < ROUNDS; i++) {
    sum += syscall(SYS_getppid) == parent;
    piece[i % sizeof piece] += (char)i;
    if (write(ends[1], piece, sizeof piece) != sizeof piece || read(ends[0], piece, sizeof piece) != sizeof piece) return 1;
    sum += (unsigned char)piece[i % sizeof piece];
  }
  printf("%lu\n", sum);
  return 0;
}
