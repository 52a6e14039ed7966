// Tells the signals that it gets, spinning, pausing or reading meanwhile; then lets SIGINT end it.
// build: -O1 -static
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile int count;
static void show(int sig) {
  char line[20];
  write(1, line, snprintf(line, sizeof line, "got %d\n", sig));
  count++;
}

int main(int argc, char **argv) {
  struct sigaction action = {.sa_handler = show};
  for (int i = 0; i < 3; i++) sigaction((int[]){SIGINT, SIGTERM, SIGUSR1}[i], &action, 0);
  write(1, "ready\n", 6);
  while (count < 3) {
    if (argv[1][0] == 'p') pause();
    char byte;
    if (argv[1][0] == 'r' && read(0, &byte, 1) < 0) write(1, "interrupted\n", 12);
  }
  signal(SIGINT, SIG_DFL);
  write(1, "done\n", 5);
  for (;;) pause();
}
