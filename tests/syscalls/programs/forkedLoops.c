/* A hot loop that reads what it has written since a fork, in the parent, the child and the child's child.
   build: -O1 -static */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 200000 };
static unsigned values[COUNT];

__attribute__((noinline)) static unsigned mix(unsigned *to, const unsigned *from, int passes) {
  unsigned sum = 0;
  for (int pass = 0; pass < passes; pass++)
    for (int i = 0; i < COUNT; i++) {
      sum = sum * 31 + from[i];
      to[(i * 7) % COUNT] = sum;
    }
  return sum;
}

static void tell(const char *who, int passes) {
  printf("%s %u\n", who, mix(values, values, passes));
  fflush(stdout);
}

int main(void) {
  for (int i = 0; i < COUNT; i++) values[i] = i;
  tell("alone", 10);
  if (fork() == 0) {
    tell("child", 5);
    if (fork() == 0) {
      tell("its child", 5);
      _exit(0);
    }
    wait(0);
    tell("child", 5);
    _exit(0);
  }
  wait(0);
  tell("parent", 5);
  return 0;
}
