/* A value on its way: from a system call, through copies and sums, to a global.
   build: -O1 -g -nostdlib -static */
#include "freestanding.h"

static char input[16];
static long cells[120];
long result;

__attribute__((noinline)) static long twice(long n) { return n + n; }

int main(int argc, char **argv) {
  int fds[2];
  (void)argc, (void)argv;
  syscall6(59, (long)fds, 0, 0, 0, 0, 0);           /* pipe2 */
  syscall6(64, fds[1], (long)"7", 1, 0, 0, 0);      /* write */
  syscall6(63, fds[0], (long)input, 16, 0, 0, 0);   /* read */
  cells[0] = input[0];
  for (int i = 1; i < 120; i++) {
    long volatile cell = cells[i - 1];
    cells[i] = cell;
  }
  result = twice(cells[119]) + 1000;
  print("result", result);
  return 0;
}
