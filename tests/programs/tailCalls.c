/* Functions that end in a jump to another.
   build: -O2 -nostdlib -static -foptimize-sibling-calls */
#include "freestanding.h"

typedef uint64_t state(uint64_t, uint64_t);
static state even, odd, done;
static state *const states[] = {even, odd, done};
__attribute__((noinline)) static uint64_t even(uint64_t n, uint64_t x) { return n == 0 ? states[2](n, x) : odd(n - 1, x * 3); }
__attribute__((noinline)) static uint64_t odd(uint64_t n, uint64_t x) { return states[n == 0 ? 2 : n & 1](n == 0 ? 0 : n - 1, x ^ n); }
__attribute__((noinline)) static uint64_t done(uint64_t n, uint64_t x) { return n + x; }

int main(int argc, char **argv) {
  (void)argv;
  print("x", even(999 + argc, 7));
  return 3;
}
