/*
 * Prints AT_HWCAP and AT_HWCAP2, then every word of the system instruction group that the CPU knows: one with Rt = X0 for each
 * encoding, and of those without a register (op0 = 0) also one with Rt = 31. What MRS gives stands behind its word.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <ucontext.h>

static volatile int undefined;
static char area[4096] __attribute__((aligned(4096)));

static void on_illegal(int number, siginfo_t *info, void *context) {
  undefined = 1;
  ((ucontext_t *)context)->uc_mcontext.pc += 4;
}

/* Runs code with X0 = the address of a page; gives X0 behind it. FPCR and TPIDR_EL0 are put back. */
static uint64_t run(uint32_t *code) {
  uint64_t fpcr, thread;
  register uint64_t x0 __asm__("x0") = (uint64_t)area;
  undefined = 0;
  __asm__ volatile("mrs %1, fpcr\n mrs %2, tpidr_el0\n adr x10, 1f\n br %3\n 1: msr tpidr_el0, %2\n msr fpcr, %1"
                   : "+r"(x0), "=&r"(fpcr), "=&r"(thread)
                   : "r"(code)
                   : "x10", "x17", "x30", "memory", "cc");
  return x0;
}

/* Words are tried a page at a time. */
enum { BATCH = 512, RETURN = 0xd61f0140 /* br x10 */ };

static void try(uint32_t *code, const uint32_t *words, int count) {
  for (int i = 0; i < count; i++) code[2 * i] = words[i], code[2 * i + 1] = RETURN;
  __builtin___clear_cache((char *)code, (char *)(code + 2 * count));
  for (int i = 0; i < count; i++) {
    uint64_t value = run(code + 2 * i);
    if (undefined) continue;
    if ((words[i] & 0x200000) != 0 && (words[i] & 31) == 0) printf("%x %lx\n", words[i], value);
    else printf("%x\n", words[i]);
  }
}

int main(void) {
  struct sigaction action;
  uint32_t *code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_illegal;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGILL, &action, 0);
  printf("hwcap %lx %lx\n", getauxval(AT_HWCAP), getauxval(AT_HWCAP2));
  uint32_t words[BATCH];
  int count = 0;
  for (uint32_t operands = 0; operands < 1 << 17; operands++) {
    uint32_t word = 0xd5000000 | operands << 5;
    words[count++] = word;
    if ((operands >> 14 & 3) == 0) words[count++] = word | 31;
    if (count < BATCH - 1) continue;
    try(code, words, count);
    count = 0;
  }
  try(code, words, count);
}
