/*
 * The guest's side of the fuzzer: reads test records from standard input and writes their outcomes to standard output.
 * Every test ends in a signal (at the latest at one of the BRKs that fill the code pages), so the signal frame holds the
 * outcome; the handler then puts the next test into the frame and returns into it. No register need be set aside.
 * `struct record` and the addresses come from record.ts.
 */
#include "guestSignals.h"

static const struct { uint64_t start, bytes; } windows[] = WINDOWS;
static struct record test;
static int running, handling;
static uint64_t tests, tests_at_alarm;

static void copy(volatile void *to, const volatile void *from, size_t bytes) {
  for (size_t i = 0; i < bytes / 8; i++) ((volatile uint64_t *)to)[i] = ((const volatile uint64_t *)from)[i];
}

static void transfer(long number, int fd) {
  for (size_t done = 0; done < sizeof test;) {
    long n = syscall6(number, fd, (long)&test + done, sizeof test - done, 0, 0, 0);
    if (n <= 0) leave(n == 0 && done == 0 ? 0 : 1);
    done += n;
  }
}

/* Code stays where it is while the tests have the same. */
static void load(void) {
  static volatile uint32_t *code;
  static uint64_t insns;
  const uint32_t *wanted = (const uint32_t *)test.insn;
  uint64_t same = 0;
  if (code == (volatile uint32_t *)test.pc && insns == test.insns)
    while (same < insns && code[same] == wanted[same]) same++;
  if (code && same == insns) return;
  for (uint64_t i = 0; i < insns; i++) code[i] = BRK;
  code = (volatile uint32_t *)test.pc;
  insns = test.insns;
  for (uint64_t i = 0; i < insns; i++) code[i] = wanted[i];
  __builtin___clear_cache((char *)code, (char *)(code + insns));
}

static void on_signal(int number, siginfo_t *info, void *context) {
  struct sigcontext *frame = (struct sigcontext *)&((ucontext_t *)context)->uc_mcontext;
  struct fpsimd_context *fp = (struct fpsimd_context *)frame->__reserved;
  uint64_t at = 0;
  if (number == SIGALRM) {
    /* The timer's second tick in one test: it does not end. */
    int stuck = !handling && tests == tests_at_alarm;
    tests_at_alarm = tests;
    if (!stuck) return;
  }
  handling = 1;
  if (fp->head.magic != FPSIMD_MAGIC) leave(2);
  if (running) {
    copy(test.x, frame->regs, sizeof test.x);
    test.sp = frame->sp;
    test.pc = frame->pc;
    test.pstate = frame->pstate;
    copy(test.v, fp->vregs, sizeof test.v);
    test.fpsr = fp->fpsr;
    test.fpcr = fp->fpcr;
    __asm__ volatile("mrs %0, tpidr_el0" : "=r"(test.tpidr));
    for (size_t i = 0; i < sizeof windows / sizeof *windows; at += windows[i++].bytes)
      copy((char *)test.memory + at, (void *)windows[i].start, windows[i].bytes);
    test.signal = number;
    test.code = info->si_code;
    test.address = (uint64_t)info->si_addr;
    transfer(__NR_write, 1);
  }
  running = 1;
  transfer(__NR_read, 0);
  syscall6(__NR_mprotect, READ_ONLY, READ_ONLY_BYTES, PROT_READ | PROT_WRITE, 0, 0, 0);
  at = 0;
  for (size_t i = 0; i < sizeof windows / sizeof *windows; at += windows[i++].bytes)
    copy((void *)windows[i].start, (char *)test.memory + at, windows[i].bytes);
  syscall6(__NR_mprotect, READ_ONLY, READ_ONLY_BYTES, PROT_READ, 0, 0, 0);
  copy(frame->regs, test.x, sizeof test.x);
  frame->sp = test.sp;
  frame->pc = test.pc;
  frame->pstate = test.pstate;
  copy(fp->vregs, test.v, sizeof test.v);
  fp->fpsr = test.fpsr;
  fp->fpcr = test.fpcr;
  __asm__ volatile("msr tpidr_el0, %0" ::"r"(test.tpidr));
  load();
  tests++;
  handling = 0;
}

__attribute__((used)) static void start(void) {
  map(CODE, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC);
  map(SCRATCH, SCRATCH_BYTES, PROT_READ | PROT_WRITE);
  map(READ_ONLY, READ_ONLY_BYTES, PROT_READ);
  for (uint64_t i = 0; i < CODE_BYTES / 4; i++) ((uint32_t *)CODE)[i] = BRK;
  catch_signals(on_signal, 2);
  __asm__ volatile("brk 0");
}

__asm__(".globl _start\n_start: bl start\n");
