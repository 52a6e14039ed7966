// Handlers on an alternate stack: that of a stack overflow too, and what sigaltstack tells and refuses there.
// build: -O1 -static
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>

static char stack[65536] __attribute__((aligned(16)));
static sigjmp_buf back;
static int isOnStack(void *p) { return (char *)p >= stack && (char *)p < stack + sizeof stack; }

static void show(int sig, siginfo_t *info, void *context) {
  stack_t now, other = {.ss_flags = SS_DISABLE};
  int local;
  sigaltstack(0, &now);
  int refused = sigaltstack(&other, 0);
  printf("%d: on the stack %d, flags %d, set %d errno %d, interrupted there %d\n", sig, isOnStack(&local), now.ss_flags, refused, refused ? errno : 0,
         isOnStack((void *)((ucontext_t *)context)->uc_mcontext.sp));
  if (sig == SIGUSR1) raise(SIGUSR2);
  if (sig == SIGSEGV) siglongjmp(back, 1);
}

__attribute__((noinline)) static int overflow(volatile int *p) {
  volatile int here[1000];
  here[0] = *p;
  return here[0] == 2 ? 0 : overflow(here) + here[1];
}

int main(void) {
  struct sigaction action = {.sa_sigaction = show, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGUSR1, &action, 0);
  sigaction(SIGUSR2, &action, 0);
  sigaction(SIGSEGV, &action, 0);
  raise(SIGUSR1);
  stack_t wish = {.ss_sp = stack, .ss_size = sizeof stack};
  printf("set %d\n", sigaltstack(&wish, 0));
  raise(SIGUSR1);
  int start = 1;
  if (sigsetjmp(back, 1) == 0) overflow(&start);
  puts("back");
  wish.ss_size = 100;
  printf("too small %d %d\n", sigaltstack(&wish, 0), errno);
  wish.ss_flags = 77;
  printf("bad flags %d %d\n", sigaltstack(&wish, 0), errno);
  wish.ss_flags = SS_DISABLE;
  sigaltstack(&wish, 0);
  raise(SIGUSR2);
  return 0;
}
