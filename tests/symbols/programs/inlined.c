// build(Dwarf5): -gdwarf-5 -O2 -static
// build(Dwarf4): -gdwarf-4 -O2 -static
// build(Dwarf3): -gdwarf-3 -gstrict-dwarf -O2 -static
// build(Compressed): -gdwarf-5 -gz=zlib -O2 -static
//
// Functions within functions, loops, and code in other places than its function.
#include <stdlib.h>

volatile int sink;

static inline int square(int n) { return n * n; }

static inline int sum(int n) {
  int total = 0;
  for (int i = 0; i < n; i++) total += square(i) + sink;
  return total;
}

__attribute__((noinline)) int twice(int n) {
  if (n > 1000) abort();
  return sum(n) + sum(n + 1);
}

int main(int argc, char **argv) {
  sink = twice(argc) + square(argc);
  return 0;
}
