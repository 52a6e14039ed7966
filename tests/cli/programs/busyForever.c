/* Threads that take turns, children that come and go, signals, and output, until somebody ends it.
   build: -O2 -static -pthread */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile unsigned long sum, handled;
static void handle(int signal) { handled += signal; }

static void *mix(void *seed) {
  unsigned long x = (unsigned long)seed;
  for (;;) {
    for (int i = 0; i < 1000; i++) x = x * 6364136223846793005ul + 1442695040888963407ul;
    pthread_mutex_lock(&lock);
    sum ^= x;
    pthread_mutex_unlock(&lock);
    usleep(300);
  }
  return 0;
}

int main(void) {
  pthread_t threads[2];
  signal(SIGUSR1, handle);
  for (unsigned long i = 0; i < 2; i++) pthread_create(&threads[i], 0, mix, (void *)(i + 1));
  for (int round = 0;; round++) {
    pid_t child = fork();
    if (child == 0) {
      char text[64];
      int length = snprintf(text, sizeof text, "%d %lu\n", round, sum);
      if (write(1, text, (size_t)length) != length) _exit(1);
      free(malloc(1 + sum % 100000));
      _exit(round & 127);
    }
    int status;
    waitpid(child, &status, 0);
    raise(SIGUSR1);
  }
}
