/* A dense switch: a jump table of the compiler.
   build: -O2 -nostdlib -static */
#include "freestanding.h"

__attribute__((noinline)) static unsigned step(unsigned op, unsigned x) {
  switch (op) {
    case 0: return x + 1;
    case 1: return x * 3;
    case 2: return x ^ 0x55;
    case 3: return x >> 1;
    case 4: return x << 3 | x >> 29;
    case 5: return ~x;
    case 6: return x - 1000;
    case 7: return x & 0xff00ff;
    case 8: return x % 1000;
    case 9: return x / 3;
    case 12: return x | 0x8000;
    default: return x + op;
  }
}

int main(int argc, char **argv) {
  (void)argv;
  unsigned x = argc;
  for (int i = 0; i < 400; i++) x = step((x ^ i) % 16, x);
  print("x", x);
  return 0;
}
