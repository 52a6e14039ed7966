/* Threads that add up and write, and children that do, for ever: to be killed.
   build: -O1 -static -pthread */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned long sum;

static void say(const char *who, unsigned long n) {
  char line[60];
  write(1, line, snprintf(line, sizeof line, "%s %lu\n", who, n));
}

static void *work(void *name) {
  for (unsigned long i = 0;; i++) {
    pthread_mutex_lock(&mutex);
    for (int k = 0; k < 20000; k++) sum += i ^ k;
    say(name, sum);
    pthread_mutex_unlock(&mutex);
    usleep(500);
  }
  return 0;
}

int main(void) {
  pthread_t threads[2];
  pthread_create(&threads[0], 0, work, "first");
  pthread_create(&threads[1], 0, work, "second");
  for (unsigned long i = 0;; i++) {
    if (fork() == 0) {
      say("child", i * i);
      _exit(0);
    }
    wait(0);
    usleep(1000);
  }
}
