/* Policies, priorities and processors.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  struct sched_param sp = {0};
  T(sched_getscheduler(0));
  T(sched_setscheduler(0, SCHED_BATCH, &sp));
  T(sched_getscheduler(0));
  sp.sched_priority = 1;
  T(sched_setscheduler(0, SCHED_OTHER, &sp));
  T(sched_setscheduler(0, 99, &sp));
  T(sched_getscheduler(999999));
  T(sched_getparam(0, &sp));
  T(sp.sched_priority);
  T(sched_get_priority_max(SCHED_FIFO));
  T(sched_get_priority_min(SCHED_RR));
  T(sched_get_priority_max(SCHED_OTHER));
  T(sched_get_priority_max(77));
  struct timespec ts;
  T(sched_rr_get_interval(0, &ts));
  cpu_set_t cs;
  T(sched_getaffinity(0, sizeof cs, &cs));
  T(sched_getaffinity(0, 3, &cs));
  CPU_ZERO(&cs);
  T(sched_setaffinity(0, sizeof cs, &cs));
  CPU_SET(0, &cs);
  T(sched_setaffinity(0, sizeof cs, &cs));
  errno = 0;
  T(getpriority(PRIO_PROCESS, 0));
  T(setpriority(PRIO_PROCESS, 0, 5));
  T(getpriority(PRIO_PROCESS, 0));
  T(getpriority(9, 0));
  T(getpriority(PRIO_PROCESS, 999999));
  T(nice(3));
  T(setpriority(PRIO_PROCESS, 0, 100));
  T(getpriority(PRIO_PGRP, 0) >= 0);
  return 0;
}
