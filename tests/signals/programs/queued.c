// Real-time signals queue in order with their values; standard ones do not.
// build: -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int known;
static void show(int sig, siginfo_t *info, void *context) {
  printf("%d: code %d value %d from %d\n", sig, info->si_code, info->si_value.sival_int, info->si_pid == getpid());
}

int main(void) {
  struct sigaction action = {.sa_sigaction = show, .sa_flags = SA_SIGINFO};
  sigfillset(&action.sa_mask);
  sigset_t all;
  sigfillset(&all);
  for (int i = 0; i < 3; i++) sigaction((int[]){SIGUSR1, SIGRTMIN, SIGRTMIN + 2}[i], &action, 0);
  sigprocmask(SIG_SETMASK, &all, 0);
  for (int i = 0; i < 3; i++) {
    sigqueue(getpid(), SIGRTMIN + 2, (union sigval){.sival_int = 20 + i});
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 10 + i});
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = i});
  }
  siginfo_t info = {0};
  int n = sigtimedwait(&all, &info, &(struct timespec){0, 0});
  printf("taken %d: value %d\n", n, info.si_value.sival_int);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  info.si_code = SI_USER;
  printf("made up: %ld %s\n", syscall(SYS_rt_sigqueueinfo, 1, SIGUSR1, &info), strerror(errno));
  printf("no such signal: %d %s\n", sigqueue(getpid(), 65, (union sigval){0}), strerror(errno));
  printf("no such process: %d %s\n", kill(0x3ffffff, 0), strerror(errno));
  return 0;
}
