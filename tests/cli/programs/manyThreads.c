/* A signal handler, a thread, a child that changes its memory, and what they tell each other.
   build: -O2 -static -pthread */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int handled, shared = 5;
static void handle(int signal) { handled = signal; }

static void *add(void *upTo) {
  long sum = 0;
  for (long i = 0; i < (long)upTo; i++) sum += i;
  return (void *)sum;
}

int main(void) {
  signal(SIGUSR1, handle);
  raise(SIGUSR1);
  pthread_t thread;
  void *sum;
  int status;
  pthread_create(&thread, 0, add, (void *)30);
  pthread_join(thread, &sum);
  pid_t child = fork();
  if (child == 0) {
    shared = 7;
    _exit(shared);
  }
  waitpid(child, &status, 0);
  printf("%d %ld %d %d\n", handled, (long)sum, shared, WEXITSTATUS(status));
  return 0;
}
