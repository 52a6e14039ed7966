/* eventfd: counters and semaphores, alone and between processes.
   build: -O1 -static */
#include "told.h"

static void look(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
  poll(&p, 1, 0);
  printf("%x\n", p.revents);
}

int main(void) {
  uint64_t v = 5;
  int e = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
  T(fcntl(e, F_GETFD));
  T(fcntl(e, F_GETFL));
  look(e);
  T(write(e, &v, 8));
  T(write(e, &v, 4));
  T(read(e, &v, 4));
  T(read(e, &v, 8));
  T(v);
  T(read(e, &v, 8));
  look(e);
  v = -1;
  T(write(e, &v, 8));
  v = 0xfffffffffffffffe;
  T(write(e, &v, 8));
  look(e);
  v = 1;
  T(write(e, &v, 8));
  int s = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
  T(read(s, &v, 8));
  T(v);
  T(read(s, &v, 8));
  T(read(s, &v, 8));
  T(eventfd(1, 0x10));
  T(lseek(s, 0, SEEK_SET) );
  int b = eventfd(0, 0);
  fflush(stdout);
  if (fork() == 0) {
    usleep(10000);
    v = 42;
    write(b, &v, 8);
    _exit(0);
  }
  T(read(b, &v, 8));
  T(v);
  wait(0);
  return 0;
}
