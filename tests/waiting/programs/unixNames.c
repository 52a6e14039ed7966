/* AF_UNIX sockets with names: of the file system and abstract; errors; datagrams with a sender.
   build: -O1 -static */
#include "told.h"
#include <sys/stat.h>

/* Abstract names are the machine's: each run has its own. */
static socklen_t named(struct sockaddr_un *a, const char *name, int abstract) {
  memset(a, 0, sizeof *a);
  a->sun_family = AF_UNIX;
  if (abstract) return 3 + sprintf(a->sun_path + 1, "%s %010d", name, getpid());
  strcpy(a->sun_path, name);
  return 2 + strlen(name);
}

int main(void) {
  struct sockaddr_un a, b;
  socklen_t l;
  char buf[20];
  struct stat st;
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  T(listen(server, 1));
  l = named(&a, "here", 0);
  T(connect(server, (void *)&a, l));
  T(bind(server, (void *)&a, l));
  T(bind(server, (void *)&a, l));
  T(stat("here", &st));
  printf("%o\n", st.st_mode & S_IFMT);
  int c = socket(AF_UNIX, SOCK_STREAM, 0);
  T(bind(c, (void *)&a, l));
  T(connect(c, (void *)&a, l));
  T(listen(server, 1));
  T(connect(c, (void *)&a, l));
  T(connect(c, (void *)&a, l));
  T(accept4(server, 0, 0, 1));
  l = sizeof b;
  int s = T(accept4(server, (void *)&b, &l, SOCK_NONBLOCK));
  T(l);
  T(fcntl(s, F_GETFL));
  l = sizeof b;
  T(getsockname(s, (void *)&b, &l));
  printf("%d %s\n", l, b.sun_path);
  l = sizeof b;
  T(getpeername(c, (void *)&b, &l));
  printf("%d %s\n", l, b.sun_path);
  T(read(s, buf, 5));
  write(c, "abc", 3);
  T(read(s, buf, 5));
  int d = socket(AF_UNIX, SOCK_DGRAM, 0);
  T(connect(d, (void *)&a, 2 + 4));
  T(unlink("here"));
  T(connect(d, (void *)&a, 2 + 4));
  T(open("here", O_WRONLY | O_CREAT, 0600));
  T(connect(d, (void *)&a, 2 + 4));
  /* backlog */
  int more[4];
  l = named(&a, "abstract", 1);
  int other = socket(AF_UNIX, SOCK_STREAM, 0);
  T(bind(other, (void *)&a, l));
  T(listen(other, 1));
  for (int i = 0; i < 3; i++) {
    more[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    T(connect(more[i], (void *)&a, l));
  }
  close(other);
  T(read(more[0], buf, 1));
  T(read(more[0], buf, 1));
  T(connect(more[2], (void *)&a, l));
  /* datagrams */
  int e = socket(AF_UNIX, SOCK_DGRAM, 0);
  l = named(&a, "receiver", 1);
  T(bind(e, (void *)&a, l));
  T(sendto(d, "one", 3, 0, (void *)&a, l));
  socklen_t length = named(&b, "sender", 1);
  T(bind(d, (void *)&b, length));
  T(sendto(d, "two", 3, 0, (void *)&a, l));
  l = sizeof b;
  T(recvfrom(e, buf, 20, 0, (void *)&b, &l));
  T(l);
  l = sizeof b;
  T(recvfrom(e, buf, 20, 0, (void *)&b, &l));
  T(l);
  T(send(d, "x", 1, 0));
  T(socket(AF_UNIX, SOCK_STREAM, 5));
  T(socket(77, SOCK_STREAM, 0));
  return 0;
}
