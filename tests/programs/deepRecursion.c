/* Calls nested more deeply than the engine's own stack goes, and back.
   build: -O1 -nostdlib -static -fno-optimize-sibling-calls */
#include "freestanding.h"

__attribute__((noinline)) static uint64_t depth(uint64_t n) { return n == 0 ? 1 : depth(n - 1) * 3 + n; }

int main(int argc, char **argv) {
  (void)argv;
  print("depth", depth(7000 * argc));
  return 0;
}
