/* echoServer PORT: a server for the host's clients.
   build: -O1 -static */
#include "../programs/told.h"

int main(int argc, char **argv) {
  static char b[50000];
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  int one = 1, n, total = 0;
  int s = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, 4);
  T(bind(s, (void *)&a, sizeof a));
  T(bind(u, (void *)&a, sizeof a));
  T(listen(s, 5));
  fflush(stdout);
  int c = accept(s, 0, 0);
  while ((n = read(c, b, sizeof b)) > 0) {
    total += n;
    write(c, b, n);
  }
  T(total);
  close(c);
  struct sockaddr_in from;
  socklen_t l = sizeof from;
  T(recvfrom(u, b, 100, 0, (void *)&from, &l));
  T(sendto(u, b, 4, 0, (void *)&from, l));
  return 0;
}
