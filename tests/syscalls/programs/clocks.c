/* Clocks and use of resources.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  struct timespec ts;
  struct rusage ru;
  T(getrusage(RUSAGE_SELF, &ru));
  T(getrusage(7, &ru));
  struct tms tm;
  T(times(&tm) > 0);
  T(clock_getres(CLOCK_REALTIME, &ts));
  printf("%ld\n", ts.tv_nsec);
  T(clock_getres(CLOCK_MONOTONIC_COARSE, &ts));
  T(clock_gettime(99, &ts));
  T(clock_getres(99, &ts));
  clockid_t ck;
  T(clock_getcpuclockid(0, &ck));
  T(clock_gettime(ck, &ts));
  T(clock_gettime(CLOCK_TAI, &ts));
  T(clock_gettime(-2, &ts));
  return 0;
}
