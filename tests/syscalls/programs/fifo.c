/* A named pipe between processes: who opens one end waits for the other.
   build: -O1 -static */
#include "told.h"

int main(void) {
  char text[16] = "";
  T(mkfifo("p", 0600));
  T(open("p", O_WRONLY | O_NONBLOCK));
  if (fork() == 0) {
    int out = open("p", O_WRONLY);
    write(out, "hello", 5);
    _exit(3);
  }
  int in = open("p", O_RDONLY);
  T(read(in, text, sizeof text));
  puts(text);
  T(read(in, text, sizeof text));
  int status;
  wait(&status);
  printf("%d\n", WEXITSTATUS(status));
  int early = open("p", O_RDONLY | O_NONBLOCK);
  T(read(early, text, sizeof text));
  int late = open("p", O_WRONLY | O_NONBLOCK);
  T(read(early, text, sizeof text));
  T(write(late, "abc", 3));
  T(read(early, text, sizeof text));
  int both = open("p", O_RDWR);
  T(write(both, "xy", 2));
  T(read(both, text, 1));
  struct stat s;
  fstat(both, &s);
  printf("%o\n", s.st_mode);
  return 0;
}
