/* socketpair: streams, datagrams and packets; peeks, ends, open files and credentials.
   build: -O1 -static */
#include "told.h"

static void look(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP | POLLPRI};
  poll(&p, 1, 0);
  printf("%x\n", p.revents);
}

static int sendFile(int s, int fd, const char *text) {
  struct iovec io = {(void *)text, strlen(text)};
  union { char b[CMSG_SPACE(sizeof(int))]; struct cmsghdr h; } u;
  struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = u.b, .msg_controllen = sizeof u.b};
  u.h.cmsg_level = SOL_SOCKET;
  u.h.cmsg_type = SCM_RIGHTS;
  u.h.cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(&u.h), &fd, sizeof fd);
  return sendmsg(s, &m, 0);
}

static int receiveFile(int s, int *fd, int flags, unsigned room) {
  static char b[100];
  struct iovec io = {b, sizeof b};
  union { char b[128]; struct cmsghdr h; } u;
  struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = u.b, .msg_controllen = room};
  int n = recvmsg(s, &m, flags);
  *fd = -1;
  printf("n %d flags %x control %ld\n", n, m.msg_flags & ~MSG_CMSG_CLOEXEC, (long)m.msg_controllen);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    printf("level %d type %d length %ld\n", c->cmsg_level, c->cmsg_type, (long)c->cmsg_len);
    if (c->cmsg_type == SCM_RIGHTS) memcpy(fd, CMSG_DATA(c), 4);
    if (c->cmsg_type == SCM_CREDENTIALS) {
      struct ucred *who = (void *)CMSG_DATA(c);
      T(who->pid == getpid());
      T(who->uid == getuid());
    }
  }
  return n;
}

int main(void) {
  int s[2], fd, p[2], one = 1;
  char b[100];
  signal(SIGPIPE, SIG_IGN);
  T(socketpair(AF_INET, SOCK_STREAM, 0, s));
  T(socketpair(AF_UNIX, 77, 0, s));
  T(socketpair(AF_UNIX, SOCK_STREAM, 9, s));
  T(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, s));
  T(fcntl(s[0], F_GETFD));
  T(fcntl(s[0], F_GETFL));
  look(s[0]);
  T(read(s[0], b, 10));
  T(write(s[1], "hello", 5));
  T(write(s[1], " world", 6));
  look(s[0]);
  T(recv(s[0], b, 3, MSG_PEEK));
  T(recv(s[0], b, 100, 0));
  T(memcmp(b, "hello world", 11));
  struct sockaddr_un a;
  socklen_t l = sizeof a;
  T(getsockname(s[0], (void *)&a, &l));
  T(l);
  l = sizeof a;
  T(getpeername(s[0], (void *)&a, &l));
  T(l);
  struct ucred who;
  l = sizeof who;
  T(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &who, &l));
  T(who.pid == getpid());
  /* open files */
  pipe(p);
  T(sendFile(s[0], p[1], "file"));
  T(receiveFile(s[1], &fd, 0, 128));
  T(write(fd, "through", 7));
  T(read(p[0], b, 100));
  close(fd);
  T(sendFile(s[0], p[1], "again"));
  T(receiveFile(s[1], &fd, MSG_CMSG_CLOEXEC, 128));
  T(fcntl(fd, F_GETFD));
  close(fd);
  T(sendFile(s[0], p[1], "cut"));
  T(receiveFile(s[1], &fd, 0, 0));
  T(sendFile(s[0], 99, "cut"));
  close(p[1]);
  T(read(p[0], b, 100));
  setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &one, 4);
  T(write(s[0], "who", 3));
  T(receiveFile(s[1], &fd, 0, 128));
  /* ends */
  T(shutdown(s[0], SHUT_WR));
  look(s[0]);
  look(s[1]);
  T(read(s[1], b, 10));
  T(write(s[0], "x", 1));
  T(write(s[1], "y", 1));
  T(shutdown(s[0], 7));
  T(close(s[0]));
  look(s[1]);
  T(read(s[1], b, 10));
  T(read(s[1], b, 10));
  T(write(s[1], "y", 1));
  T(send(s[1], "y", 1, MSG_NOSIGNAL));
  close(s[1]);
  for (int type = 0; type < 2; type++) {
    socketpair(AF_UNIX, type ? SOCK_SEQPACKET : SOCK_DGRAM, 0, s);
    T(write(s[0], "first", 5));
    T(write(s[0], "second", 6));
    T(write(s[0], "", 0));
    T(recv(s[1], b, 3, MSG_TRUNC | MSG_PEEK));
    T(recv(s[1], b, 3, 0));
    struct iovec io = {b, 2};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
    T(recvmsg(s[1], &m, 0));
    printf("%x\n", m.msg_flags);
    T(recv(s[1], b, 100, MSG_DONTWAIT));
    T(recv(s[1], b, 100, MSG_DONTWAIT));
    look(s[1]);
    close(s[0]);
    look(s[1]);
    T(send(s[1], "x", 1, MSG_NOSIGNAL));
    T(recv(s[1], b, 100, MSG_DONTWAIT));
    close(s[1]);
  }
  /* between processes, more than there is room for */
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  fflush(stdout);
  if (fork() == 0) {
    static char big[1000000];
    close(s[0]);
    int n = write(s[1], big, sizeof big);
    recv(s[1], b, 2, MSG_WAITALL);
    _exit(n == sizeof big ? b[1] : 1);
  }
  close(s[1]);
  int total = 0, n;
  while (total < 1000000 && (n = read(s[0], b, sizeof b)) > 0) total += n;
  T(total);
  write(s[0], "a", 1);
  usleep(5000);
  write(s[0], "b", 1);
  int status;
  wait(&status);
  T(WEXITSTATUS(status));
  return 0;
}
