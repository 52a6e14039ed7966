/* Code that the program writes, runs, changes and runs again: with permission to write and execute at once, and by mprotect.
   build: -O1 -nostdlib -static */
#include "freestanding.h"

static void synchronise(uint32_t *from, uint32_t *to) {
  for (char *p = (char *)from; p < (char *)to; p += 4) __asm__ volatile("dc cvau, %0" ::"r"(p) : "memory");
  __asm__ volatile("dsb ish" ::: "memory");
  for (char *p = (char *)from; p < (char *)to; p += 4) __asm__ volatile("ic ivau, %0" ::"r"(p) : "memory");
  __asm__ volatile("dsb ish\n isb" ::: "memory");
}

static uint64_t run(uint32_t *code, uint64_t x) { return ((uint64_t(*)(uint64_t))code)(x); }

int main(int argc, char **argv) {
  (void)argv;
  uint64_t x = argc;
  uint32_t *code = (uint32_t *)syscall6(222, 0, 8192, 7, 0x22, -1, 0);
  for (int i = 0; i < 20; i++) {
    code[0] = 0x91000000 | (i * 5) << 10; /* add x0, x0, #5 * i */
    code[1] = i & 1 ? 0xd37ff800 : 0xaa2003e0; /* lsl x0, x0, #1; mvn x0, x0 */
    code[2] = 0xd65f03c0;
    synchronise(code, code + 3);
    x = run(code, x) + run(code, i);
  }
  print("x", x);
  /* The loop changes an instruction of its own block's successor. */
  uint64_t count = 0;
  for (int i = 0; i < 6; i++) {
    uint32_t *patched;
    __asm__ volatile("adr %0, 1f" : "=r"(patched));
    uint32_t *page = (uint32_t *)((uintptr_t)patched & -4096);
    if (syscall6(226, (long)page, 4096, 7, 0, 0, 0) != 0) return 1;
    *patched = 0x91000000 | (i + 1) << 10 | 9 << 5 | 9; /* add x9, x9, #i + 1 */
    synchronise(patched, patched + 1);
    __asm__ volatile("mov x9, %0\n1: add x9, x9, #0\n mov %0, x9" : "+r"(count)::"x9");
    if (syscall6(226, (long)page, 4096, 5, 0, 0, 0) != 0) return 1;
  }
  print("count", count);
  return 0;
}
