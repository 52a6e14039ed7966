/* What the guests of the fuzzer share: system calls without a libc, fixed memory, and signals of all failures. */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <asm/sigcontext.h>
#include <asm/unistd.h>

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

static void map(uint64_t start, uint64_t bytes, int prot) {
  if (syscall6(__NR_mmap, start, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != (long)start) leave(3);
}

/* Has `handler` called for whatever ends an instruction, on a stack of its own, and by a timer every `seconds`. */
static void catch_signals(void (*handler)(int, siginfo_t *, void *), long seconds) {
  static const int signals[] = {SIGILL, SIGTRAP, SIGBUS, SIGSEGV, SIGFPE, SIGALRM};
  static char signal_stack[65536] __attribute__((aligned(16)));
  struct { uint64_t sp; uint64_t flags; uint64_t size; } stack = {(uint64_t)signal_stack, 0, sizeof signal_stack};
  struct { void (*handler)(int, siginfo_t *, void *); uint64_t flags; void *restorer; uint64_t mask; } action = {handler, SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART, 0, 0};
  struct { long interval[2], value[2]; } timer = {{seconds, 0}, {seconds, 0}};
  syscall6(__NR_sigaltstack, (long)&stack, 0, 0, 0, 0, 0);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) syscall6(__NR_rt_sigaction, signals[i], (long)&action, 0, 8, 0, 0);
  syscall6(__NR_setitimer, 0, (long)&timer, 0, 0, 0, 0);
}
