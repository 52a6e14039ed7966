/* A thread that never waits does not keep another from its turn, even where the host looks for signals now and then.
   build: -O1 -static -pthread */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile int set;
static void handler(int signal) { (void)signal; }

static void *other(void *unused) {
  char byte;
  int *ends = unused;
  read(ends[0], &byte, 1);
  set = 1;
  return 0;
}

int main(void) {
  int ends[2];
  pthread_t thread;
  signal(SIGUSR1, handler);
  pipe(ends);
  pthread_create(&thread, 0, other, ends);
  usleep(10000);
  write(ends[1], "x", 1);
  while (!set) getppid();
  pthread_join(thread, 0);
  puts("set");
  return 0;
}
