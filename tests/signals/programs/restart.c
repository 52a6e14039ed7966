// Signals during system calls that wait: SA_RESTART, EINTR, what was done before, and how much time is left.
// build: -O1 -static
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int ends[2];
static volatile int rounds, writes;
static void alarmed(int sig) {
  rounds++;
  if (rounds > 1 && writes) {
    writes = 0;
    write(ends[1], "data", 4);
  }
}

// Again and again: the first one may come before the call that it is to interrupt.
static void every(int ms) {
  struct itimerval timer = {{0, 1000 * ms}, {0, 1000 * ms}};
  setitimer(ITIMER_REAL, &timer, 0);
}

static void handle(int flags) {
  struct sigaction action = {.sa_handler = alarmed, .sa_flags = flags};
  sigaction(SIGALRM, &action, 0);
}

int main(void) {
  char buffer[8] = "";
  pipe(ends);
  handle(SA_RESTART);
  writes = 1;
  every(20);
  int n = read(ends[0], buffer, 4);
  every(0);
  printf("restarted: %d %.4s, some rounds %d\n", n, buffer, rounds >= 2);

  handle(0);
  rounds = 0;
  every(20);
  n = read(ends[0], buffer, 4);
  int error = errno;
  every(0);
  printf("not restarted: %d %s, some rounds %d\n", n, n < 0 ? strerror(error) : "", rounds >= 1);

  handle(SA_RESTART);
  struct timespec wish = {1000, 0}, left = {0, 0};
  every(20);
  n = nanosleep(&wish, &left);
  error = errno;
  every(0);
  printf("sleep: %d %s, left %d\n", n, strerror(error), left.tv_sec > 0 && left.tv_sec < 1000);
  left.tv_sec = 0;
  every(20);
  n = clock_nanosleep(CLOCK_MONOTONIC, 0, &wish, &left);
  every(0);
  printf("clock_nanosleep: %d, left %d\n", n, left.tv_sec > 0 && left.tv_sec < 1000);
  struct pollfd fd = {ends[0], POLLIN};
  every(20);
  n = poll(&fd, 1, 1000000);
  error = errno;
  every(0);
  printf("poll: %d %s\n", n, strerror(error));

  every(20);
  int child = fork(), status;
  if (child == 0) {
    struct timespec some = {0, 100000000};
    nanosleep(&some, 0);
    _exit(7);
  }
  n = waitpid(child, &status, 0);
  every(0);
  printf("wait, restarted: %d %d\n", n == child, WEXITSTATUS(status));
  return 0;
}
