/* setjmp and longjmp out of nested calls.
   build: -O1 -static -Wno-infinite-recursion */
#include <setjmp.h>
#include <stdio.h>

static jmp_buf target;
static volatile int enough = 0;

__attribute__((noinline)) static int down(int n) {
  if (n == enough) longjmp(target, 5);
  return down(n - 1) + 1;
}

int main(void) {
  volatile int count = 0;
  int value = setjmp(target);
  if (count++ < 4) down(count * 10);
  printf("back %d times with %d\n", count, value);
  return value;
}
