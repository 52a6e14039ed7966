/* What signals with handlers do to calls that wait: some begin again, some fail.
   build: -O1 -static */
#include "told.h"

static int p[2], s[2];

static void handler(int signal) {}

/* A child that sends signals until it is ended, as the first may come before the call that it is to interrupt; and data, after some. */
static pid_t signals(int hasData) {
  fflush(stdout);
  pid_t parent = getpid(), child = fork();
  if (child == 0) {
    signal(SIGPIPE, SIG_IGN);
    for (int i = 1; getppid() == parent; i++) {
      usleep(10000);
      kill(parent, SIGUSR1);
      if (hasData && i == 4) {
        write(p[1], "p", 1);
        write(s[1], "s", 1);
      }
    }
    _exit(0);
  }
  return child;
}

static void end(pid_t child) {
  kill(child, SIGKILL);
  while (waitpid(child, 0, 0) < 0 && errno == EINTR) continue;
}

int main(void) {
  char b[10];
  pid_t child;
  for (int restart = 0; restart < 2; restart++) {
    struct sigaction a = {.sa_handler = handler, .sa_flags = restart ? SA_RESTART : 0};
    sigaction(SIGUSR1, &a, 0);
    pipe(p);
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    child = signals(restart);
    T(read(p[0], b, 1));
    end(child);
    while (recv(s[0], b, 1, MSG_DONTWAIT) > 0) continue;
    child = signals(restart);
    T(recv(s[0], b, 1, 0));
    end(child);
    struct timeval tv = {100, 0};
    setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    while (recv(s[0], b, 1, MSG_DONTWAIT) > 0) continue;
    child = signals(0);
    T(recv(s[0], b, 1, 0));
    end(child);
    int ep = epoll_create1(0);
    struct epoll_event ev;
    child = signals(0);
    T(epoll_wait(ep, &ev, 1, 100000));
    end(child);
    struct pollfd pf = {.fd = -1};
    child = signals(0);
    T(poll(&pf, 1, 100000));
    end(child);
    close(p[0]);
    close(p[1]);
    close(s[0]);
    close(s[1]);
  }
  return 0;
}
