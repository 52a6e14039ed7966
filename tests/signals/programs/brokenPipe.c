// Writes to a pipe that nobody reads: SIGPIPE handled, ignored, and fatal.
// build: -O1 -static
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void show(int sig) { printf("handler %d\n", sig); }

int main(void) {
  int ends[2];
  pipe(ends);
  close(ends[0]);
  signal(SIGPIPE, show);
  int n = write(ends[1], "x", 1);
  printf("%d %s\n", n, strerror(errno));
  signal(SIGPIPE, SIG_IGN);
  n = write(ends[1], "x", 1);
  printf("%d %s\n", n, strerror(errno));
  fflush(stdout);
  signal(SIGPIPE, SIG_DFL);
  write(ends[1], "x", 1);
  return 0;
}
