/* Calls nested more deeply than the engine's own stack goes, and back; in one function with few values, and in one with many.
   build: -O1 -nostdlib -static -fno-optimize-sibling-calls */
#include "freestanding.h"

__attribute__((noinline)) static uint64_t depth(uint64_t n) { return n == 0 ? 1 : depth(n - 1) * 3 + n; }

__attribute__((noinline)) static uint64_t broad(uint64_t n, const volatile uint64_t *p) {
  uint64_t a = p[0], b = p[1], c = p[2], d = p[3], e = p[4], f = p[5], g = p[6], h = p[7];
  if (n == 0) return a + b;
  uint64_t deeper = broad(n - 1, p);
  return deeper + a * b + c * d + e * f + g * h + n;
}

int main(int argc, char **argv) {
  (void)argv;
  static volatile uint64_t values[] = {1, 2, 3, 4, 5, 6, 7, 8};
  print("depth", depth(7000 * argc));
  print("broad", broad(7000 * argc, values));
  return 0;
}
