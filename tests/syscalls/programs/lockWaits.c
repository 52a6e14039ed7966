/* Locks between processes: one waits until the other unlocks, closes, or ends.
   build: -O1 -static */
#include "told.h"

static int lock(int fd, int command, int type, int start, int length) {
  struct flock l = {type, SEEK_SET, start, length, 0};
  return fcntl(fd, command, &l);
}

int main(void) {
  int f = open("l", O_RDWR | O_CREAT, 0600), ready[2], go[2];
  char c;
  pipe(ready);
  pipe(go);
  pid_t child = fork();
  if (child == 0) {
    lock(f, F_SETLK, F_WRLCK, 10, 10);
    flock(open("l", O_RDWR), LOCK_EX);
    write(ready[1], "r", 1);
    read(go[0], &c, 1);
    lock(f, F_SETLK, F_UNLCK, 15, 5);
    read(go[0], &c, 1);
    write(1, "child ends\n", 11);
    _exit(0);
  }
  read(ready[0], &c, 1);
  struct flock found = {F_WRLCK, SEEK_SET, 0, 0, 0};
  T(fcntl(f, F_GETLK, &found));
  printf("%d %d %d %d\n", found.l_type, (int)found.l_start, (int)found.l_len, found.l_pid == child);
  T(lock(f, F_SETLK, F_RDLCK, 12, 1));
  T(lock(f, F_SETLK, F_RDLCK, 0, 10));
  T(flock(f, LOCK_SH | LOCK_NB));
  write(go[1], "g", 1);
  T(lock(f, F_SETLKW, F_WRLCK, 15, 5));
  fflush(stdout);
  write(go[1], "g", 1);
  T(flock(f, LOCK_EX));
  T(lock(f, F_SETLKW, F_WRLCK, 10, 5));
  wait(0);
  return 0;
}
