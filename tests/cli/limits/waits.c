/* Does not end: by working, sleeping, waiting for a child that works, or making system calls.
   build: -O1 -static */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void work(void) {
  for (volatile long i = 0;; i++) {
  }
}

int main(int argc, char **argv) {
  // A limit is no signal that could be ignored.
  for (int signal = 1; signal < 32; signal++) sigaction(signal, &(struct sigaction){.sa_handler = SIG_IGN}, 0);
  puts("begins");
  fflush(stdout);
  char byte;
  if (strcmp(argv[1], "works") == 0) work();
  if (strcmp(argv[1], "sleeps") == 0) sleep(100);
  if (strcmp(argv[1], "reads") == 0) read(0, &byte, 1);
  if (strcmp(argv[1], "calls") == 0) for (;;) getppid();
  if (strcmp(argv[1], "child") == 0) {
    if (fork() == 0) work();
    wait(0);
  }
  return 1;
}
