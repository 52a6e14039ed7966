/* echoClient PORT UDPPORT: talks to servers of the host's.
   build: -O1 -static */
#include "../programs/told.h"

int main(int argc, char **argv) {
  static char b[200000];
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int total = 0, n;
  int s = socket(AF_INET, SOCK_STREAM, 0);
  T(connect(s, (void *)&a, sizeof a));
  T(write(s, b, sizeof b));
  T(shutdown(s, SHUT_WR));
  while ((n = read(s, b, sizeof b)) > 0) total += n;
  T(total);
  close(s);
  s = socket(AF_INET, SOCK_STREAM, 0);
  a.sin_port = htons(1);
  T(connect(s, (void *)&a, sizeof a));
  close(s);
  s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  a.sin_port = htons(atoi(argv[1]));
  T(connect(s, (void *)&a, sizeof a));
  struct pollfd p = {.fd = s, .events = POLLOUT};
  T(poll(&p, 1, 60000));
  T(connect(s, (void *)&a, sizeof a));
  T(read(s, b, 10));
  T(write(s, "late", 4));
  p.events = POLLIN;
  T(poll(&p, 1, 60000));
  T(read(s, b, 10));
  a.sin_port = htons(atoi(argv[2]));
  int u = socket(AF_INET, SOCK_DGRAM, 0);
  T(sendto(u, "ping", 4, 0, (void *)&a, sizeof a));
  p.fd = u;
  T(poll(&p, 1, 60000));
  struct sockaddr_in from;
  socklen_t l = sizeof from;
  T(recvfrom(u, b, 100, 0, (void *)&from, &l));
  T(from.sin_port == a.sin_port);
  return 0;
}
