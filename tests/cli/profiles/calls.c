// build: -g -O2 -static -Wno-infinite-recursion
//
// What a call stack has to survive: recursion, a tail call, longjmp, a signal's handler, and longjmp out of one.
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>

#define APART __attribute__((noinline, noclone))

static jmp_buf place;
static sigjmp_buf out_of_handler;
volatile int sink;

APART int leaf(int n) {
  sink += n;
  return sink;
}

APART int tail(int n) { return leaf(n + 1); }

APART int recursive(int n) {
  if (n == 0) return leaf(0);
  int below = recursive(n - 1);
  return below + n;
}

APART void thrower(int n) {
  if (n == 0) longjmp(place, 1);
  thrower(n - 1);
  sink++;
}

APART void handler(int signal) {
  leaf(signal);
  if (signal == SIGUSR2) siglongjmp(out_of_handler, 1);
}

APART void raiser(int signal) {
  raise(signal);
  sink++;
}

APART int after(void) {
  for (int i = 0; i < 10; i++) sink++;
  return leaf(1);
}

int main(int argc, char **argv) {
  signal(SIGUSR1, handler);
  signal(SIGUSR2, handler);
  tail(3);
  recursive(5);
  if (setjmp(place) == 0) thrower(3);
  raiser(SIGUSR1);
  if (sigsetjmp(out_of_handler, 1) == 0) raiser(SIGUSR2);
  after();
  if (argc > 5)
    after();
  return 0;
}
