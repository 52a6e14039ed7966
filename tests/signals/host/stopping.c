// Stops itself, and goes on when somebody sends SIGCONT, which it handles.
// build: -O1 -static
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void show(int sig) { write(1, "got 18\n", 7); }

int main(void) {
  signal(SIGCONT, show);
  signal(SIGTSTP, SIG_IGN);
  raise(SIGTSTP);
  signal(SIGTSTP, SIG_DFL);
  write(1, "ready\n", 6);
  raise(SIGSTOP);
  write(1, "going on\n", 9);
  return 6;
}
