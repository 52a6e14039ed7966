/* Calls through pointers.
   build: -O2 -nostdlib -static */
#include "freestanding.h"

typedef uint64_t function(uint64_t);
__attribute__((noinline)) static uint64_t twice(uint64_t x) { return 2 * x; }
__attribute__((noinline)) static uint64_t flip(uint64_t x) { return ~x; }
__attribute__((noinline)) static uint64_t turn(uint64_t x) { return x << 9 | x >> 55; }
__attribute__((noinline)) static uint64_t mix(uint64_t x) { return x * 0x9e3779b97f4a7c15u; }
static function *volatile table[] = {twice, flip, turn, mix};
__attribute__((noinline)) static uint64_t apply(function *f, uint64_t x) { return f(x) + 1; }

int main(int argc, char **argv) {
  (void)argv;
  uint64_t x = argc;
  for (int i = 0; i < 300; i++) x = apply(table[(x >> 3 ^ i) & 3], x);
  print("x", x);
  return 0;
}
