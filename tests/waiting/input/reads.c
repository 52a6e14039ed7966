/* Reads all of its standard input, while a child goes on; asks first whether there is something.
   build: -O1 -static */
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char buffer[1000];

int main(void) {
  setvbuf(stdout, 0, _IOLBF, 0);
  struct pollfd input = {0, POLLIN};
  printf("poll: %d\n", poll(&input, 1, 0));
  if (fork() == 0) {
    usleep(50000);
    puts("the child goes on");
    _exit(0);
  }
  unsigned long sum = 0, all = 0;
  int count = read(0, buffer, 1);
  sum += buffer[0], all += count;
  printf("poll: %d %d\n", poll(&input, 1, 10000), input.revents);
  int left = 0;
  ioctl(0, FIONREAD, &left);
  printf("some left: %d\n", left > 0);
  while ((count = read(0, buffer, sizeof buffer)) > 0) {
    for (int i = 0; i < count; i++) sum = sum * 31 + buffer[i];
    all += count;
  }
  printf("%lu bytes, %lx, then %d\n", all, sum, (int)read(0, buffer, 1));
  wait(0);
  return 0;
}
