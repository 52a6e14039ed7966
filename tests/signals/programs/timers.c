// setitimer, alarm, and the timers of timer_create: signals with their values, overruns, none, a thread's.
// build: -O1 -static
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int count;
static timer_t timer;
static void tick(int sig, siginfo_t *info, void *context) {
  if (count++ < 2 && info->si_code == SI_TIMER) printf("%d: value %d overrun %d\n", sig, info->si_value.sival_int, info->si_overrun >= 0);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = tick, .sa_flags = SA_SIGINFO};
  for (int i = 0; i < 4; i++) sigaction((int[]){SIGALRM, SIGVTALRM, SIGPROF, SIGRTMIN}[i], &action, 0);
  for (int which = 0; which < 3; which++) {
    struct itimerval wish = {{0, 5000}, {0, 5000}}, now;
    count = 0;
    setitimer(which, &wish, 0);
    while (count < 3) {
    }
    // Of a timer that is due Linux tells a tick of its clock, of 10 ms at the most.
    getitimer(which, &now);
    printf("interval %ld, left %d\n", (long)now.it_interval.tv_usec, now.it_value.tv_usec > 0 && now.it_value.tv_usec <= 10000);
    memset(&wish, 0, sizeof wish);
    setitimer(which, &wish, 0);
  }
  alarm(100);
  unsigned left = alarm(0);
  printf("alarm %d\n", left > 0 && left <= 100);

  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 42};
  printf("create %d\n", timer_create(CLOCK_MONOTONIC, &event, &timer));
  struct itimerspec often = {{0, 5000000}, {0, 5000000}}, now, never = {{0, 0}, {0, 0}};
  count = 0;
  timer_settime(timer, 0, &often, 0);
  while (count < 3) pause();
  timer_gettime(timer, &now);
  printf("interval %ld, left %d\n", now.it_interval.tv_nsec, now.it_value.tv_nsec > 0);
  timer_settime(timer, 0, &never, 0);

  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, 0);
  timer_settime(timer, 0, &often, 0);
  nanosleep(&(struct timespec){0, 60000000}, 0);
  siginfo_t info;
  int n = sigwaitinfo(&set, &info);
  printf("missed: %d code %d value %d, overrun %d %d\n", n == SIGRTMIN, info.si_code, info.si_value.sival_int, info.si_overrun > 3, timer_getoverrun(timer) == info.si_overrun);
  printf("delete %d %d\n", timer_delete(timer), timer_gettime(timer, &now));
  event.sigev_notify = SIGEV_NONE;
  timer_create(CLOCK_REALTIME, &event, &timer);
  often.it_value.tv_sec = 1000;
  timer_settime(timer, 0, &often, 0);
  timer_gettime(timer, &now);
  printf("none: left %d\n", now.it_value.tv_sec > 500);
  event.sigev_signo = 99;
  event.sigev_notify = SIGEV_SIGNAL;
  printf("bad signal %d %s\n", timer_create(CLOCK_REALTIME, &event, &timer), strerror(errno));
  printf("bad clock %d %s\n", timer_create(77, 0, &timer), strerror(errno));
  return 0;
}
