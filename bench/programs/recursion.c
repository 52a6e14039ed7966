/* Recursion: Fibonacci numbers, Ackermann's function.
   kind: recursion
   build: -O2 -static -fno-inline -fno-optimize-sibling-calls */
#include <stdio.h>

static unsigned fib(unsigned n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static unsigned ackermann(unsigned m, unsigned n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }

int main(void) {
  unsigned total = 0;
  for (unsigned i = 0; i < 5; i++) total += fib(36 + (i == 2)) + ackermann(3, 8);
  printf("%u\n", total);
  return 0;
}
