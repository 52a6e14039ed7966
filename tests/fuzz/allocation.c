/*
 * Reads instruction words from standard input and writes a byte for each: 1 if it is an undefined instruction, else 0.
 * Each word is executed with all general registers pointing at memory, in front of a BRK. What it then does, where it
 * branches or faults, or that it does not end, does not matter; every way leads to the signal handler, which starts the
 * next word. Compiled with CODE and SCRATCH: addresses far from all else, as words may branch.
 */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <asm/sigcontext.h>
#include <asm/unistd.h>

enum { WORDS = 2048, BRK = 0xd4200000 };
#define CODE_BYTES 0x20000
#define FIRST (CODE_BYTES / 2)
#define SCRATCH_BYTES 0x10000

static uint32_t words[WORDS];
static unsigned char undefined[WORDS];
static volatile long at = -1, at_last_tick = -1;
static long count;
static char signal_stack[65536] __attribute__((aligned(16)));

static long syscall6(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}

static void leave(int status) {
  syscall6(__NR_exit_group, status, 0, 0, 0, 0, 0);
  __builtin_unreachable();
}

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

static void map(uint64_t start, uint64_t bytes, int prot) {
  if (syscall6(__NR_mmap, start, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != (long)start) leave(3);
}

__attribute__((used)) static void start(void) {
  static const int signals[] = {SIGILL, SIGTRAP, SIGBUS, SIGSEGV, SIGFPE, SIGALRM};
  struct { uint64_t sp; uint64_t flags; uint64_t size; } stack = {(uint64_t)signal_stack, 0, sizeof signal_stack};
  struct { void (*handler)(int, siginfo_t *, void *); uint64_t flags; void *restorer; uint64_t mask; } action = {on_signal, SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART, 0, 0};
  static const struct { long interval[2], value[2]; } timer = {{1, 0}, {1, 0}};
  map(CODE, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC);
  map(SCRATCH, SCRATCH_BYTES, PROT_READ | PROT_WRITE);
  for (uint64_t i = 0; i < CODE_BYTES / 4; i++) ((volatile uint32_t *)CODE)[i] = BRK;
  syscall6(__NR_sigaltstack, (long)&stack, 0, 0, 0, 0, 0);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) syscall6(__NR_rt_sigaction, signals[i], (long)&action, 0, 8, 0, 0);
  syscall6(__NR_setitimer, 0, (long)&timer, 0, 0, 0, 0);
  next_words();
  __asm__ volatile("brk 0");
}

__asm__(".globl _start\n_start: bl start\n");
