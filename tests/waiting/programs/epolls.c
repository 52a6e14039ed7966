/* epoll: by level, by edge, once; errors of epoll_ctl; nested epolls.
   build: -O1 -static */
#include "told.h"

static int ep, p[2], q[2];

static void look(int fd) {
  struct epoll_event ev[8];
  int n = epoll_wait(fd, ev, 8, 0);
  printf("%d:", n);
  for (int i = 0; i < n; i++) printf(" %x/%lx", ev[i].events, (long)ev[i].data.u64);
  printf("\n");
}

static int control(int epfd, int op, int fd, unsigned events, long data) {
  struct epoll_event ev = {.events = events, .data.u64 = data};
  return epoll_ctl(epfd, op, fd, &ev);
}

int main(void) {
  char b[8];
  ep = T(epoll_create1(EPOLL_CLOEXEC));
  T(epoll_create1(1));
  pipe(p);
  pipe(q);
  T(control(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 0x1122334455667788));
  T(control(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  T(control(ep, EPOLL_CTL_ADD, ep, EPOLLIN, 1));
  T(control(ep, EPOLL_CTL_ADD, 99, EPOLLIN, 1));
  T(control(p[0], EPOLL_CTL_ADD, p[1], EPOLLIN, 1));
  T(control(ep, EPOLL_CTL_MOD, q[0], EPOLLIN, 1));
  T(control(ep, EPOLL_CTL_DEL, q[0], EPOLLIN, 1));
  T(control(ep, 7, p[0], EPOLLIN, 1));
  int file = open("/proc/self/exe", O_RDONLY);
  T(control(ep, EPOLL_CTL_ADD, file, EPOLLIN, 1));
  T(epoll_wait(ep, (void *)b, 0, 0));
  look(ep);
  write(p[1], "xy", 2);
  look(ep);
  look(ep);
  read(p[0], b, 1);
  look(ep);
  read(p[0], b, 1);
  look(ep);
  /* by edge */
  T(control(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 2));
  write(p[1], "xy", 2);
  look(ep);
  look(ep);
  read(p[0], b, 1);
  look(ep);
  write(p[1], "z", 1);
  look(ep);
  look(ep);
  /* once */
  T(control(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 3));
  look(ep);
  look(ep);
  write(p[1], "z", 1);
  look(ep);
  T(control(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 4));
  look(ep);
  /* several, in turn */
  T(control(ep, EPOLL_CTL_MOD, p[0], EPOLLIN, 5));
  T(control(ep, EPOLL_CTL_ADD, q[1], EPOLLOUT, 6));
  look(ep);
  struct epoll_event one;
  for (int i = 0; i < 4; i++) {
    epoll_wait(ep, &one, 1, 0);
    printf("%lx\n", (long)one.data.u64);
  }
  /* nested */
  int outer = epoll_create1(0);
  T(control(outer, EPOLL_CTL_ADD, ep, EPOLLIN, 7));
  T(control(ep, EPOLL_CTL_ADD, outer, EPOLLIN, 8));
  look(outer);
  T(control(ep, EPOLL_CTL_DEL, q[1], 0, 0));
  read(p[0], b, 8);
  look(outer);
  write(p[1], "a", 1);
  struct pollfd pf = {.fd = outer, .events = POLLIN};
  T(poll(&pf, 1, 0));
  look(outer);
  /* closing */
  int d = dup(p[0]);
  close(p[0]);
  look(ep);
  close(d);
  look(ep);
  close(q[0]);
  T(control(ep, EPOLL_CTL_ADD, q[1], 0, 9));
  look(ep);
  T(control(ep, EPOLL_CTL_MOD, q[1], EPOLLEXCLUSIVE, 9));
  int r = eventfd(1, 0);
  T(control(ep, EPOLL_CTL_ADD, r, EPOLLIN | EPOLLEXCLUSIVE, 10));
  T(control(ep, EPOLL_CTL_MOD, r, EPOLLIN, 10));
  T(control(ep, EPOLL_CTL_ADD, outer, EPOLLIN | EPOLLEXCLUSIVE, 10));
  look(ep);
  return 0;
}
