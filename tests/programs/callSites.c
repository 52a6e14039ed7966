/* Calls of one place in the program that go to the same function for long, then to others: one that changes, one that is not there.
   build: -O2 -nostdlib -static */
#include "freestanding.h"

typedef uint64_t function(uint64_t);
__attribute__((noinline)) static uint64_t twice(uint64_t x) { return 2 * x + 1; }
__attribute__((noinline)) static uint64_t turn(uint64_t x) { return x << 9 | x >> 55; }
/* At an instruction of a loop that is entered from outside, too. */
__attribute__((noinline)) static uint64_t count(uint64_t x) {
  uint64_t n = 0;
  do n += x & 3, x >>= 2;
  while (x);
  return n;
}
__attribute__((noinline)) static uint64_t apply(function *f, uint64_t x) { return f(x) + 3; }

static void synchronise(uint32_t *code) {
  __asm__ volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" ::"r"(code) : "memory");
}

int main(int argc, char **argv) {
  (void)argv;
  static function *volatile functions[] = {twice, turn, count};
  uint64_t x = argc;
  for (int i = 0; i < 60; i++) x ^= apply(functions[i / 20], x);
  for (int i = 0; i < 2200; i++) x ^= apply(functions[i % 50 == 7 ? 1 : 0], x);
  print("others", x);
  uint32_t *code = (uint32_t *)syscall6(222, 0, 4096, 7, 0x22, -1, 0);
  code[1] = 0xd65f03c0; /* ret */
  for (int i = 0; i < 1100; i++) {
    if (i % 100 == 0) {
      code[0] = 0x91000000 | (i / 100 + 1) << 10; /* add x0, x0, #i / 100 + 1 */
      synchronise(code);
    }
    x += apply((function *)code, x & 0xffff);
    /* Mappings that go make memory checks forget what they know. */
    if (i % 64 == 0) syscall6(215, syscall6(222, 0, 4096, 3, 0x22, -1, 0), 4096, 0, 0, 0, 0);
  }
  print("changing", x);
  return (int)apply((function *)0xfffffffffff001, x);
}
