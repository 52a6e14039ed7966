/* TCP over loopback: states, errors, polls, ends.
   build: -O1 -static */
#include "told.h"

static struct sockaddr_in at;

static void look(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};
  poll(&p, 1, 0);
  printf("%x\n", p.revents);
}

/* What the other end does takes its time to arrive; a failure or an end always counts. */
static void await(int fd, int events) {
  struct pollfd p = {.fd = fd, .events = events};
  poll(&p, 1, 10000);
}

static int option(int fd, int level, int name) {
  int v = -1;
  socklen_t l = 4;
  if (getsockopt(fd, level, name, &v, &l) < 0) return -errno;
  return v;
}

int main(void) {
  char b[100];
  int one = 1;
  socklen_t l = sizeof at;
  signal(SIGPIPE, SIG_IGN);
  int server = socket(AF_INET, SOCK_STREAM, 0);
  look(server);
  T(option(server, SOL_SOCKET, SO_TYPE));
  T(option(server, SOL_SOCKET, SO_DOMAIN));
  T(option(server, SOL_SOCKET, SO_PROTOCOL));
  T(option(server, SOL_SOCKET, SO_ACCEPTCONN));
  T(option(server, SOL_SOCKET, SO_REUSEADDR));
  T(setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, 4));
  T(option(server, SOL_SOCKET, SO_REUSEADDR));
  T(option(server, IPPROTO_TCP, TCP_NODELAY));
  T(setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, 4));
  T(option(server, IPPROTO_TCP, TCP_NODELAY));
  T(setsockopt(server, SOL_SOCKET, SO_KEEPALIVE, &one, 4));
  T(option(server, SOL_SOCKET, SO_KEEPALIVE));
  T(setsockopt(server, SOL_SOCKET, SO_KEEPALIVE, &one, 1));
  T(accept(server, 0, 0));
  T(read(server, b, 1));
  T(write(server, b, 1));
  T(getpeername(server, (void *)&at, &l));
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  T(bind(server, (void *)&at, 8));
  T(bind(server, (void *)&at, sizeof at));
  T(bind(server, (void *)&at, sizeof at));
  T(getsockname(server, (void *)&at, &l));
  T(l);
  T(ntohs(at.sin_port) > 1024);
  T(listen(server, 5));
  T(option(server, SOL_SOCKET, SO_ACCEPTCONN));
  look(server);
  int c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  T(connect(c, (void *)&at, sizeof at));
  await(c, POLLOUT);
  look(c);
  T(option(c, SOL_SOCKET, SO_ERROR));
  T(connect(c, (void *)&at, sizeof at));
  T(connect(c, (void *)&at, sizeof at));
  await(server, POLLIN);
  look(server);
  struct sockaddr_in who, self;
  l = sizeof who;
  int s = T(accept(server, (void *)&who, &l));
  l = sizeof self;
  getsockname(c, (void *)&self, &l);
  T(who.sin_port == self.sin_port);
  T(who.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  look(s);
  T(read(c, b, 10));
  T(write(s, "hello", 5));
  await(c, POLLIN);
  look(c);
  T(recv(c, b, 2, MSG_PEEK));
  T(recv(c, b, 100, MSG_TRUNC));
  T(shutdown(s, SHUT_WR));
  await(c, POLLRDHUP);
  look(c);
  look(s);
  T(read(c, b, 10));
  T(write(s, "x", 1));
  T(write(c, "yz", 2));
  T(read(s, b, 1));
  T(shutdown(c, SHUT_WR));
  await(s, POLLRDHUP);
  look(s);
  T(read(s, b, 10));
  T(read(s, b, 10));
  close(s);
  close(c);
  /* the other end is closed */
  c = socket(AF_INET, SOCK_STREAM, 0);
  T(connect(c, (void *)&at, sizeof at));
  s = accept(server, 0, 0);
  close(s);
  await(c, POLLRDHUP);
  look(c);
  T(read(c, b, 1));
  T(write(c, "x", 1));
  await(c, 0);
  T(write(c, "x", 1));
  close(c);
  /* with data unread */
  c = socket(AF_INET, SOCK_STREAM, 0);
  T(connect(c, (void *)&at, sizeof at));
  s = accept(server, 0, 0);
  write(c, "x", 1);
  await(s, POLLIN);
  close(s);
  await(c, 0);
  look(c);
  T(read(c, b, 1));
  T(read(c, b, 1));
  T(write(c, "x", 1));
  close(c);
  /* times */
  c = socket(AF_INET, SOCK_STREAM, 0);
  struct timeval tv = {0, 20000};
  T(setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
  T(connect(c, (void *)&at, sizeof at));
  T(read(c, b, 1));
  close(c);
  int again = socket(AF_INET, SOCK_STREAM, 0);
  T(bind(again, (void *)&at, sizeof at));
  /* nobody listens */
  close(server);
  c = socket(AF_INET, SOCK_STREAM, 0);
  T(connect(c, (void *)&at, sizeof at));
  close(c);
  c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  T(connect(c, (void *)&at, sizeof at));
  await(c, 0);
  look(c);
  T(option(c, SOL_SOCKET, SO_ERROR));
  T(option(c, SOL_SOCKET, SO_ERROR));
  return 0;
}
