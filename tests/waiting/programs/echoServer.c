/* A server with epoll, by edges, and clients in threads and processes.
   build: -O1 -static -pthread */
#include "told.h"

#define CLIENTS 4
#define ROUNDS 50
#define SIZE 3000

static struct sockaddr_in at = {.sin_family = AF_INET};

static void *client(void *arg) {
  static __thread char out[SIZE], in[SIZE];
  long good = 0;
  int s = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(s, (void *)&at, sizeof at)) return (void *)-1;
  for (int i = 0; i < ROUNDS; i++) {
    memset(out, i + (long)arg, SIZE);
    write(s, out, SIZE);
    recv(s, in, SIZE, MSG_WAITALL);
    good += memcmp(in, out, SIZE) == 0;
  }
  close(s);
  return (void *)good;
}

int main(void) {
  int one = 1, ep = epoll_create1(0), l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), closed = 0;
  socklen_t size = sizeof at;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(l, (void *)&at, sizeof at);
  listen(l, 1);
  getsockname(l, (void *)&at, &size);
  pthread_t t[CLIENTS];
  for (long i = 0; i < CLIENTS; i++) pthread_create(&t[i], 0, client, (void *)i);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit((long)client((void *)9) == ROUNDS);
  struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data.fd = l}, evs[8];
  epoll_ctl(ep, EPOLL_CTL_ADD, l, &ev);
  static char b[SIZE];
  while (closed < CLIENTS + 1) {
    int n = epoll_wait(ep, evs, 8, -1);
    for (int i = 0; i < n; i++) {
      int fd = evs[i].data.fd, s, got;
      if (fd == l) {
        while ((s = accept4(l, 0, 0, SOCK_NONBLOCK)) >= 0) {
          ev.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
          ev.data.fd = s;
          epoll_ctl(ep, EPOLL_CTL_ADD, s, &ev);
        }
        continue;
      }
      while ((got = read(fd, b, sizeof b)) > 0) write(fd, b, got);
      if (got == 0) {
        close(fd);
        closed++;
      }
    }
  }
  for (int i = 0; i < CLIENTS; i++) {
    void *good;
    pthread_join(t[i], &good);
    T(good);
  }
  int status;
  T(waitpid(child, &status, 0) == child);
  T(WEXITSTATUS(status));
  return 0;
}
