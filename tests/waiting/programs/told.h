/* What the programs of this folder have in common. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Prints a call's result, or the number of its failure. */
static long told(const char *what, long result) {
  if (result < 0) printf("%s: errno %d\n", what, errno);
  else printf("%s: %ld\n", what, result);
  return result;
}
#define T(call) told(#call, (long)(call))
