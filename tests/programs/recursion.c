/* Recursion: one and several calls, mutual.
   build: -O1 -nostdlib -static -fno-optimize-sibling-calls */
#include "freestanding.h"

__attribute__((noinline)) static unsigned fib(unsigned n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
__attribute__((noinline)) static unsigned ackermann(unsigned m, unsigned n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
static int odd(unsigned n);
__attribute__((noinline)) static int even(unsigned n) { return n == 0 ? 1 : odd(n - 1); }
__attribute__((noinline)) static int odd(unsigned n) { return n == 0 ? 0 : even(n - 1); }
static void hanoi(int n, int from, int to, uint64_t *moves) {
  if (n == 0) return;
  hanoi(n - 1, from, 6 - from - to, moves);
  *moves = *moves * 31 + from * 3 + to;
  hanoi(n - 1, 6 - from - to, to, moves);
}

int main(int argc, char **argv) {
  (void)argv;
  uint64_t moves = 0;
  print("fib", fib(13 + argc));
  print("ackermann", ackermann(2, 5));
  print("even", even(100) + 2 * odd(77));
  hanoi(7, 1, 3, &moves);
  print("hanoi", moves);
  return 0;
}
