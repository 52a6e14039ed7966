/* What signals with handlers do to calls that wait: some begin again, some fail.
   build: -O1 -static */
#include "told.h"

static int p[2], s[2];

static void handler(int signal) {}

static void alarmIn(int microseconds) {
  fflush(stdout);
  if (fork() == 0) {
    usleep(microseconds);
    kill(getppid(), SIGUSR1);
    usleep(microseconds);
    write(p[1], "p", 1);
    write(s[1], "s", 1);
    _exit(0);
  }
}

int main(void) {
  char b[10];
  for (int restart = 0; restart < 2; restart++) {
    struct sigaction a = {.sa_handler = handler, .sa_flags = restart ? SA_RESTART : 0};
    sigaction(SIGUSR1, &a, 0);
    pipe(p);
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    alarmIn(10000);
    T(read(p[0], b, 1));
    wait(0);
    alarmIn(10000);
    T(recv(s[0], b, 1, 0));
    wait(0);
    struct timeval tv = {1, 0};
    setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    while (recv(s[0], b, 1, MSG_DONTWAIT) > 0) continue;
    alarmIn(10000);
    T(recv(s[0], b, 1, 0));
    wait(0);
    int ep = epoll_create1(0);
    struct epoll_event ev;
    alarmIn(10000);
    T(epoll_wait(ep, &ev, 1, 1000));
    wait(0);
    struct pollfd pf = {.fd = -1};
    alarmIn(10000);
    T(poll(&pf, 1, 1000));
    wait(0);
    close(p[0]);
    close(p[1]);
    close(s[0]);
    close(s[1]);
  }
  return 0;
}
