/* Threads that wait for each other and add to a sum, and a signal.
   build: -O0 -g -static -pthread */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static volatile int shared;

static void *work(void *argument) {
  long n = (long)argument;
  pthread_barrier_wait(&barrier);
  pthread_mutex_lock(&mutex);
  shared += n;
  pthread_mutex_unlock(&mutex);
  return 0;
}

static void handler(int signal) { shared += 1000; }

int main(void) {
  pthread_t threads[2];
  signal(SIGUSR1, handler);
  pthread_barrier_init(&barrier, 0, 3);
  for (long i = 0; i < 2; i++) pthread_create(&threads[i], 0, work, (void *)(i + 1));
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
  raise(SIGUSR1);
  raise(SIGUSR1);
  printf("shared %d\n", shared);
  return 0;
}
