// A fault whose signal is blocked ends the program, although there is a handler.
// build: -O1 -static
// build(Ignored): -O1 -static -DIGNORED
#include <signal.h>
#include <stdio.h>

static void show(int sig) { puts("handler"); }

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGSEGV);
#ifdef IGNORED
  signal(SIGSEGV, SIG_IGN);
#else
  signal(SIGSEGV, show);
  sigprocmask(SIG_BLOCK, &set, 0);
#endif
  puts("now");
  fflush(stdout);
  *(volatile int *)0 = 1;
  puts("not reached");
  return 0;
}
