// A handler whose frame is destroyed before it returns: SIGSEGV ends the program.
// build: -O1 -static
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

static void spoil(int sig, siginfo_t *info, void *context) {
  puts("spoil");
  fflush(stdout);
  memset(((ucontext_t *)context)->uc_mcontext.__reserved, 0x11, 16);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = spoil, .sa_flags = SA_SIGINFO};
  sigaction(SIGILL, &action, 0);
  raise(SIGILL);
  puts("not reached");
  return 0;
}
