/* Reads the counter so often, without a system call between, that a recording has whole frames of nothing else.
   build: -O1 -static */
#include <stdint.h>
#include <stdio.h>

int main(void) {
  uint64_t changes = 0, before = 0;
  for (int i = 0; i < 60000; i++) {
    uint64_t now;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(now));
    changes += now != before;
    before = now;
  }
  printf("%d\n", changes > 0);
  return 0;
}
