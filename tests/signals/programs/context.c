// What a handler with SA_SIGINFO finds in siginfo_t and ucontext_t, and that x1 and x2 are left alone without the flag.
// build: -O1 -static
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

static void show(int sig, siginfo_t *info, void *context) {
  ucontext_t *u = context;
  printf("signal %d: number %d errno %d code %d, context behind %ld bytes\n", sig, info->si_signo, info->si_errno, info->si_code, (long)((char *)u - (char *)info));
  printf("flags %lx link %p stack flags %d size %lx mask %lx\n", u->uc_flags, (void *)u->uc_link, u->uc_stack.ss_flags, (long)u->uc_stack.ss_size, *(long *)&u->uc_sigmask);
  printf("pstate %llx fault address %llx, x19 %llx x20 %llx\n", (long long)u->uc_mcontext.pstate, sig == SIGSEGV ? (long long)u->uc_mcontext.fault_address : 0,
         sig == SIGUSR1 ? 0 : (long long)u->uc_mcontext.regs[19], sig == SIGUSR1 ? 0 : (long long)u->uc_mcontext.regs[20]);
  unsigned *record = (unsigned *)u->uc_mcontext.__reserved;
  printf("record %x of %x bytes: fpsr %x fpcr %x, d9 %llx, q10 %llx %llx\n", record[0], record[1], record[2], record[3], *(long long *)(record + 4 + 4 * 9),
         *(long long *)(record + 4 + 4 * 10), *(long long *)(record + 6 + 4 * 10));
  unsigned *last = (unsigned *)((char *)record + record[1]);
  printf("then %x of %x bytes\n", last[0], last[1]);
  unsigned long *frame = *(unsigned long **)__builtin_frame_address(0);
  printf("frame record: x29 %d x30 %d, %ld bytes behind siginfo\n", frame[0] == u->uc_mcontext.regs[29], frame[1] == u->uc_mcontext.regs[30], (long)((char *)frame - (char *)info));
  if (sig == SIGSEGV || sig == SIGILL || sig == SIGTRAP || sig == SIGBUS) {
    printf("at the address: %d\n", (unsigned long)info->si_addr == (sig == SIGSEGV ? 0x123450 : u->uc_mcontext.pc));
    u->uc_mcontext.pc += 4;
    u->uc_mcontext.regs[19] = 77;
    u->uc_mcontext.pstate = 0x90000000;
    *(double *)(record + 4 + 4 * 9) = 2.5;
    sigaddset(&u->uc_sigmask, SIGUSR2);
  }
}

#define FAIL(instruction)                                                                                                       \
  do {                                                                                                                          \
    unsigned long flags, x = 0x123450;                                                                                          \
    double d;                                                                                                                   \
    asm volatile("mov x19, %1\n mov x20, #20\n fmov d9, #1.5\n fmov v10.2d, #-3.0\n cmp x20, #20\n" instruction                 \
                 "\n mrs %0, nzcv\n fmov %d2, d9\n mov %1, x19"                                                                   \
                 : "=&r"(flags), "+&r"(x), "=&w"(d)::"x19", "x20", "v9", "v10", "cc", "memory");                                 \
    printf("afterwards: x19 %lu nzcv %lx d9 %g\n", x, flags, d);                                                                 \
  } while (0)

int main(void) {
  struct sigaction action = {.sa_sigaction = show, .sa_flags = SA_SIGINFO};
  sigaddset(&action.sa_mask, SIGUSR1);
  for (int i = 0; i < 4; i++) sigaction((int[]){SIGSEGV, SIGILL, SIGTRAP, SIGUSR1}[i], &action, 0);
  FAIL("ldr x20, [x19]");
  FAIL(".word 0");
  FAIL("brk #3");
  sigset_t set;
  sigprocmask(SIG_BLOCK, 0, &set);
  printf("SIGUSR2 %d SIGUSR1 %d\n", sigismember(&set, SIGUSR2), sigismember(&set, SIGUSR1));
  raise(SIGUSR1);
  return 0;
}
