/* Pipes between processes: reads wait for data, writes for room.
   build: -O1 -static */
#include "told.h"

int main(void) {
  int p[2], total = 0, n;
  static char b[200000];
  pipe(p);
  if (fork() == 0) {
    close(p[0]);
    _exit(write(p[1], b, sizeof b) == sizeof b ? 7 : 1);
  }
  close(p[1]);
  while ((n = read(p[0], b, 3000)) > 0) total += n;
  T(total);
  int status;
  wait(&status);
  T(WEXITSTATUS(status));
  pipe(p);
  if (fork() == 0) {
    usleep(20000);
    write(p[1], "late", 4);
    _exit(0);
  }
  close(p[1]);
  T(read(p[0], b, 100));
  T(read(p[0], b, 100));
  wait(0);
  return 0;
}
