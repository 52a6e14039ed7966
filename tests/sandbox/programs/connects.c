/* Connects to a port of this machine.
   build: -O1 -static */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  if (argc < 2) return 0;
  struct sockaddr_in address = {AF_INET, htons(atoi(argv[1])), {htonl(INADDR_LOOPBACK)}};
  int s = socket(AF_INET, SOCK_STREAM, 0);
  puts(connect(s, (void *)&address, sizeof address) == 0 ? "connected" : strerror(errno));
  return 0;
}
