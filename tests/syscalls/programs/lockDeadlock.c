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
    _exit(lock(f, 0) != 0 && errno == EDEADLK);
  }
  read(ready[0], &c, 1);
  /* Who comes last; the other gets both locks. */
  int told = lock(f, 1) != 0 && errno == EDEADLK;
  close(f);
  int status;
  wait(&status);
  printf("told %d\n", told + WEXITSTATUS(status));
  return 0;
}
