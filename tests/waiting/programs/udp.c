/* UDP over loopback, and a TCP listener of both families.
   build: -O1 -static */
#include "told.h"

int main(void) {
  char b[100];
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, from;
  socklen_t l = sizeof a;
  int s = socket(AF_INET, SOCK_DGRAM, 0), c = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  T(send(c, "x", 1, 0));
  T(bind(s, (void *)&a, sizeof a));
  getsockname(s, (void *)&a, &l);
  T(recv(c, b, 1, 0));
  T(sendto(c, "hello", 5, 0, (void *)&a, sizeof a));
  T(sendto(c, "", 0, 0, (void *)&a, sizeof a));
  l = sizeof from;
  T(recvfrom(s, b, 3, MSG_TRUNC, (void *)&from, &l));
  T(l);
  T(sendto(s, "back", 4, 0, (void *)&from, l));
  T(recv(s, b, 100, 0));
  /* The datagram takes its time to arrive. */
  poll(&(struct pollfd){c, POLLIN}, 1, 10000);
  T(recv(c, b, 100, 0));
  T(connect(c, (void *)&a, sizeof a));
  T(send(c, "again", 5, 0));
  T(recv(s, b, 100, 0));
  l = sizeof from;
  T(getpeername(c, (void *)&from, &l));
  T(from.sin_port == a.sin_port);
  T(sendto(c, b, 70000, 0, 0, 0));
  struct mmsghdr m[3];
  struct iovec io[3];
  char buffers[3][10];
  memset(m, 0, sizeof m);
  for (int i = 0; i < 3; i++) {
    io[i].iov_base = buffers[i];
    io[i].iov_len = i + 1;
    m[i].msg_hdr.msg_iov = &io[i];
    m[i].msg_hdr.msg_iovlen = 1;
  }
  T(sendmmsg(c, m, 3, 0));
  for (int i = 0; i < 3; i++) io[i].iov_len = 10;
  T(recvmmsg(s, m, 3, 0, 0));
  printf("%u %u %u\n", m[0].msg_len, m[1].msg_len, m[2].msg_len);
  T(send(c, "alone", 5, 0));
  T(recvmmsg(s, m, 3, MSG_WAITFORONE, 0));
  T(m[0].msg_len);
  fflush(stdout);
  if (fork() == 0) {
    usleep(5000);
    send(c, "late", 4, 0);
    _exit(0);
  }
  T(recv(s, b, 100, 0));
  wait(0);
  T(shutdown(c, SHUT_RD));
  T(recv(c, b, 1, 0));
  /* IPv6 takes IPv4, too */
  struct sockaddr_in6 six = {.sin6_family = AF_INET6};
  int v = socket(AF_INET6, SOCK_STREAM, 0);
  if (v >= 0) {
    T(bind(v, (void *)&six, sizeof six));
    T(listen(v, 1));
    l = sizeof six;
    getsockname(v, (void *)&six, &l);
    a.sin_port = six.sin6_port;
    int t = socket(AF_INET, SOCK_STREAM, 0);
    T(connect(t, (void *)&a, sizeof a));
    l = sizeof six;
    accept(v, (void *)&six, &l);
    char text[60];
    printf("%d %s\n", l, inet_ntop(AF_INET6, &six.sin6_addr, text, 60));
  }
  return 0;
}
