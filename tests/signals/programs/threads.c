// Signals of threads: pthread_kill, masks of their own, a process's signal that one thread alone takes, SIGEV_THREAD_ID.
// build: -O1 -static -pthread
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pthread_t main_thread;
static volatile int handled;
static void show(int sig) {
  char line[60];
  write(1, line, snprintf(line, sizeof line, "%d in the %s\n", sig, pthread_equal(pthread_self(), main_thread) ? "main thread" : "other thread"));
  handled++;
}

static void *other(void *argument) {
  sigset_t set;
  pthread_sigmask(SIG_BLOCK, 0, &set);
  printf("inherited: SIGUSR1 %d\n", sigismember(&set, SIGUSR1));
  fflush(stdout);
  sigdelset(&set, SIGUSR1);
  pthread_sigmask(SIG_SETMASK, &set, 0);
  while (handled < 2) usleep(1000);
  return 0;
}

int main(void) {
  main_thread = pthread_self();
  signal(SIGUSR1, show);
  signal(SIGUSR2, show);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, 0);
  pthread_t thread;
  pthread_create(&thread, 0, other, 0);
  usleep(50000);
  kill(getpid(), SIGUSR1);
  while (handled < 1) usleep(1000);
  pthread_kill(thread, SIGUSR2);
  pthread_join(thread, 0);
  raise(SIGUSR2);
  printf("handled %d\n", handled);
  return 0;
}
