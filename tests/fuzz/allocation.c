/*
 * Reads instruction words from standard input and writes a byte for each: 1 if it is an undefined instruction, else 0.
 * Each word is executed with all general registers pointing at memory, in front of a BRK. What it then does, where it
 * branches or faults, or that it does not end, does not matter; every way leads to the signal handler, which starts the
 * next word. Compiled with CODE and SCRATCH: addresses far from all else, as words may branch.
 */
#include "guestSignals.h"

enum { WORDS = 2048, BRK = 0xd4200000 };
#define CODE_BYTES 0x20000
#define FIRST (CODE_BYTES / 2)
#define SCRATCH_BYTES 0x10000

static uint32_t words[WORDS];
static unsigned char undefined[WORDS];
static volatile long at = -1, at_last_tick = -1;
static long count;

/* Puts the next words, each in front of a BRK, at CODE + FIRST. */
static void next_words(void) {
  size_t bytes = 0;
  volatile uint32_t *code = (volatile uint32_t *)(CODE + FIRST);
  while (bytes < sizeof words) {
    long n = syscall6(__NR_read, 0, (long)words + bytes, sizeof words - bytes, 0, 0, 0);
    if (n < 0) leave(1);
    if (n == 0) break;
    bytes += n;
  }
  if (bytes == 0) leave(0);
  count = bytes / 4;
  for (long i = 0; i < count; i++) code[2 * i] = words[i];
  __builtin___clear_cache((char *)CODE, (char *)CODE + CODE_BYTES);
}

static void on_signal(int number, siginfo_t *info, void *context) {
  struct sigcontext *frame = (struct sigcontext *)&((ucontext_t *)context)->uc_mcontext;
  (void)info;
  /* The timer's second tick in one word: it does not end. */
  if (number == SIGALRM && at != at_last_tick) {
    at_last_tick = at;
    return;
  }
  if (at >= 0) undefined[at] = number == SIGILL && frame->pc == CODE + FIRST + 8 * at;
  if (++at == count) {
    for (long done = 0; done < count;) {
      long n = syscall6(__NR_write, 1, (long)undefined + done, count - done, 0, 0, 0);
      if (n <= 0) leave(1);
      done += n;
    }
    at = 0;
    at_last_tick = -1;
    next_words();
  }
  for (int i = 0; i < 31; i++) frame->regs[i] = SCRATCH + SCRATCH_BYTES / 2;
  frame->sp = SCRATCH + SCRATCH_BYTES / 2;
  frame->pc = CODE + FIRST + 8 * at;
}

__attribute__((used)) static void start(void) {
  map(CODE, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC);
  map(SCRATCH, SCRATCH_BYTES, PROT_READ | PROT_WRITE);
  for (uint64_t i = 0; i < CODE_BYTES / 4; i++) ((volatile uint32_t *)CODE)[i] = BRK;
  catch_signals(on_signal, 1);
  next_words();
  __asm__ volatile("brk 0");
}

__asm__(".globl _start\n_start: bl start\n");
