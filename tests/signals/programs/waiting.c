// sigsuspend, sigtimedwait, ppoll with a mask, and signalfd.
// build: -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static void show(int sig) {
  sigset_t set;
  sigprocmask(SIG_BLOCK, 0, &set);
  printf("handler %d, blocked %lx\n", sig, *(long *)&set);
}

static void blocked(void) {
  sigset_t set;
  sigprocmask(SIG_BLOCK, 0, &set);
  printf("blocked %lx\n", *(long *)&set);
}

int main(void) {
  signal(SIGUSR1, show);
  signal(SIGUSR2, show);
  sigset_t both, one;
  sigemptyset(&both);
  sigaddset(&both, SIGUSR1);
  sigaddset(&both, SIGUSR2);
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  sigprocmask(SIG_BLOCK, &both, 0);

  raise(SIGUSR2);
  int n = sigsuspend(&one);
  printf("sigsuspend %d %s\n", n, strerror(errno));
  blocked();

  raise(SIGUSR1);
  siginfo_t info = {0};
  struct timespec brief = {0, 20000000};
  n = sigtimedwait(&both, &info, &brief);
  printf("sigtimedwait %d: %d code %d from %d\n", n, info.si_signo, info.si_code, info.si_pid == getpid());
  n = sigtimedwait(&both, &info, &brief);
  printf("sigtimedwait %d %s\n", n, strerror(errno));
  pid_t parent = getpid();
  if (fork() == 0) {
    nanosleep(&brief, 0);
    kill(parent, SIGUSR2);
    _exit(0);
  }
  n = sigwaitinfo(&both, &info);
  printf("sigwaitinfo %d code %d\n", n, info.si_code);

  raise(SIGUSR2);
  n = ppoll(0, 0, &(struct timespec){1, 0}, &one);
  printf("ppoll %d %s\n", n, strerror(errno));
  blocked();

  int fd = signalfd(-1, &both, SFD_NONBLOCK);
  struct signalfd_siginfo got[3];
  n = read(fd, got, sizeof got);
  printf("read %d %s\n", n, strerror(errno));
  raise(SIGUSR2);
  raise(SIGUSR1);
  struct pollfd p = {fd, POLLIN};
  printf("poll %d %x\n", poll(&p, 1, 1000), p.revents);
  n = read(fd, got, sizeof got);
  printf("read %d: %d %d code %d\n", n, got[0].ssi_signo, got[1].ssi_signo, got[0].ssi_code);
  return 0;
}
