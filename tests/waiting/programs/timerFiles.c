/* timerfd: relative, absolute, with an interval; waited for by read and poll.
   build: -O1 -static */
#include "told.h"

static void set(int fd, int flags, long s, long ns, long is, long ins) {
  struct itimerspec t = {{is, ins}, {s, ns}};
  T(timerfd_settime(fd, flags, &t, 0));
}

int main(void) {
  uint64_t v;
  struct itimerspec t;
  T(timerfd_create(77, 0));
  T(timerfd_create(CLOCK_MONOTONIC, 1));
  int a = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  T(read(a, &v, 8));
  T(timerfd_gettime(a, &t));
  T(t.it_value.tv_sec + t.it_value.tv_nsec);
  set(a, 0, 100, 0, 7, 5);
  T(timerfd_gettime(a, &t));
  T(t.it_value.tv_sec > 50);
  T(t.it_interval.tv_sec);
  T(t.it_interval.tv_nsec);
  T(read(a, &v, 8));
  set(a, 0, 0, 2000000000, 0, 0);
  T(timerfd_settime(0, 0, &t, 0));
  set(a, 0, 0, 5000000, 0, 0);
  struct pollfd p = {.fd = a, .events = POLLIN | POLLOUT};
  T(poll(&p, 1, 1000));
  printf("%x\n", p.revents);
  T(read(a, &v, 7));
  T(read(a, &v, 8));
  T(v);
  T(read(a, &v, 8));
  for (int clock = 0; clock < 2; clock++) {
    int b = timerfd_create(clock, 0);
    struct timespec now;
    clock_gettime(clock, &now);
    set(b, TFD_TIMER_ABSTIME, now.tv_sec - 1, now.tv_nsec, 0, 0);
    T(read(b, &v, 8));
    T(v);
    now.tv_nsec += 5000000;
    if (now.tv_nsec >= 1000000000) now.tv_nsec -= 1000000000, now.tv_sec++;
    set(b, TFD_TIMER_ABSTIME, now.tv_sec, now.tv_nsec, 0, 0);
    T(read(b, &v, 8));
    T(v);
    set(b, 0, 0, 1000000, 0, 1000000);
    usleep(20000);
    T(read(b, &v, 8));
    T(v > 10);
    T(write(b, &v, 8));
    close(b);
  }
  return 0;
}
