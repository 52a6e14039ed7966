/* Variables of all kinds that change, for a debugger to look at.
   build: -O0 -g -nostdlib -static -march=armv8-a */
#include "freestanding.h"

struct pair {
  long a, b;
};
int global = 1;
struct pair pair = {1, 2};
int counter;
long block[4];
char buffer[8];

__attribute__((noinline)) static int add(int x, int y) {
  int local = x;
  local += y;
  global = local;
  return local;
}

__attribute__((noinline)) static void bump(void) {
  int old, failed;
  __asm__ volatile("1: ldaxr %w0, [%2]\n add %w0, %w0, #1\n stlxr %w1, %w0, [%2]\n cbnz %w1, 1b\n"
                   : "=&r"(old), "=&r"(failed) : "r"(&counter) : "memory");
}

/* Stores of several registers, and an index that changes with the store. */
__attribute__((noinline)) static void fill(void) {
  long *at = block;
  __asm__ volatile("movi v0.16b, #1\n movi v1.16b, #2\n st1 {v0.16b, v1.16b}, [%0]\n stp %1, %2, [%0, #16]\n str %2, [%0], #8\n"
                   : "+r"(at) : "r"(5l), "r"(6l) : "v0", "v1", "memory");
}

/* With an argument, it reads nothing. */
int main(int argc, char **argv) {
  int sum = 0;
  for (int i = 0; i < 3; i++) sum += add(i, sum);
  bump();
  pair.b = pair.a + sum;
  fill();
  if (argc == 1) syscall6(63, 0, (long)buffer, sizeof buffer, 0, 0, 0);
  print("sum", sum);
  return sum;
}
