/* Threads and processes that wait in epoll_wait and poll, with times.
   build: -O1 -static -pthread */
#include "told.h"

static int ep, e[2], seen[2];

static void *writer(void *arg) {
  uint64_t one = 1;
  char byte;
  for (int i = 0; i < 4; i++) {
    usleep(3000);
    write(e[i & 1], &one, 8);
    /* Two before a look would be one event. */
    read(seen[0], &byte, 1);
  }
  return 0;
}

int main(void) {
  struct epoll_event ev;
  struct timespec before, after;
  ep = epoll_create1(0);
  clock_gettime(CLOCK_MONOTONIC, &before);
  T(epoll_wait(ep, &ev, 1, 30));
  clock_gettime(CLOCK_MONOTONIC, &after);
  T((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 29);
  for (int i = 0; i < 2; i++) {
    e[i] = eventfd(0, 0);
    ev.events = EPOLLIN;
    ev.data.u32 = i;
    epoll_ctl(ep, EPOLL_CTL_ADD, e[i], &ev);
  }
  pthread_t t;
  pipe(seen);
  pthread_create(&t, 0, writer, 0);
  for (int i = 0; i < 4; i++) {
    uint64_t v;
    T(epoll_wait(ep, &ev, 1, -1));
    T(ev.data.u32);
    T(read(e[ev.data.u32], &v, 8));
    write(seen[1], "", 1);
  }
  pthread_join(t, 0);
  int p[2];
  pipe(p);
  fflush(stdout);
  if (fork() == 0) {
    usleep(5000);
    _exit(0);
  }
  close(p[1]);
  struct pollfd pf[2] = {{.fd = p[0], .events = POLLIN}, {.fd = -1, .events = POLLIN}};
  T(poll(pf, 2, -1));
  printf("%x %x\n", pf[0].revents, pf[1].revents);
  wait(0);
  fd_set r, w, x;
  struct timeval tv = {0, 10000};
  FD_ZERO(&r);
  FD_ZERO(&w);
  FD_ZERO(&x);
  FD_SET(e[0], &r);
  FD_SET(e[0], &w);
  FD_SET(e[0], &x);
  T(select(e[0] + 1, &r, 0, &x, &tv));
  T(tv.tv_sec + tv.tv_usec);
  FD_SET(e[0], &r);
  T(select(e[0] + 1, &r, &w, &x, 0));
  T(FD_ISSET(e[0], &r));
  T(FD_ISSET(e[0], &w));
  return 0;
}
