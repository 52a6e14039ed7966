/* Unaligned accesses of all widths, within a page and across pages.
   build: -O1 -nostdlib -static */
#include "freestanding.h"

static __attribute__((aligned(4096))) uint8_t area[3 * 4096];

int main(int argc, char **argv) {
  (void)argv;
  uint64_t sum = argc;
  for (int at = 4096 - 20; at < 4096 + 5; at++) {
    uint8_t *p = area + at, *q = area + at + 4096;
    uint64_t a, b;
    __asm__ volatile("str %x0, [%1]" ::"r"(sum), "r"(p) : "memory");
    __asm__ volatile("strh %w0, [%1, #9]" ::"r"((uint32_t)sum >> 3), "r"(p) : "memory");
    __asm__ volatile("stp %w0, %w1, [%2]" ::"r"((uint32_t)sum), "r"((uint32_t)(sum >> 32)), "r"(q) : "memory");
    __asm__ volatile("ldr q0, [%0]\n str q0, [%1, #3]\n ldp x9, x10, [%0]\n stp x10, x9, [%1, #-16]\n ldr s1, [%0, #2]\n stur s1, [%1, #1]" ::"r"(p), "r"(q) : "v0", "v1", "x9", "x10", "memory");
    __asm__ volatile("ldp q2, q3, [%0]\n stp q3, q2, [%1]\n ld1 {v4.16b, v5.16b}, [%0]\n st1 {v5.8h}, [%1]" ::"r"(p - 7), "r"(q - 9) : "v2", "v3", "v4", "v5", "memory");
    __asm__ volatile("ldr %x0, [%2]\n ldrsw %x1, [%2, #5]" : "=&r"(a), "=r"(b) : "r"(q));
    sum = sum * 31 + a + b * 3;
  }
  for (unsigned i = 0; i < sizeof area; i++) sum = sum * 31 + area[i];
  print("sum", sum);
  return 0;
}
