/* Counts for ever, and tells so now and then: to be killed.
   build: -O1 -static */
#include <stdio.h>
#include <time.h>

int main(void) {
  struct timespec now;
  for (unsigned long i = 0;; i++) {
    clock_gettime(CLOCK_REALTIME, &now);
    printf("%lu %ld\n", i, now.tv_nsec);
    fflush(stdout);
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, 0);
  }
}
