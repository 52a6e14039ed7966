/* Two processes that wait for each other's locks: one is told.
   build: -O1 -static */
#include "told.h"

static int lock(int fd, int start) {
  struct flock l = {F_WRLCK, SEEK_SET, start, 1, 0};
  return fcntl(fd, F_SETLKW, &l);
}

int main(void) {
  int f = open("l", O_RDWR | O_CREAT, 0600), ready[2];
  char c;
  pipe(ready);
  lock(f, 0);
  if (fork() == 0) {
    lock(f, 1);
    write(ready[1], "r", 1);
    _exit(lock(f, 0) == 0 ? 0 : 1);
  }
  read(ready[0], &c, 1);
  usleep(50000);
  T(lock(f, 1));
  close(f);
  int status;
  wait(&status);
  printf("%d\n", WEXITSTATUS(status));
  return 0;
}
