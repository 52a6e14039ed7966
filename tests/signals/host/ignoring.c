// Ignores SIGINT and blocks SIGTERM, and waits for SIGTERM.
// build: -O1 -static
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  signal(SIGINT, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, 0);
  write(1, "ready\n", 6);
  int sig;
  sigwait(&set, &sig);
  printf("waited for %d\n", sig);
  return 5;
}
