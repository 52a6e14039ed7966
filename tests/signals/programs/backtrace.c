// A function that fails, called by one that calls itself.
// build: -O1 -static -fno-omit-frame-pointer
#include <stdio.h>

__attribute__((noinline)) int leaf(volatile int *p) { return *p; }
__attribute__((noinline)) int again(int n, volatile int *p) { return n > 0 ? again(n - 1, p) + 1 : leaf(p) + 1; }

int main(void) {
  puts("before");
  fflush(stdout);
  return again(2, (int *)16);
}
