/* What a process can set and ask for again.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  char b[20];
  T(prctl(PR_SET_NAME, "a-long-name-of-thread"));
  T(prctl(PR_GET_NAME, b));
  puts(b);
  T(prctl(PR_GET_DUMPABLE));
  T(prctl(PR_SET_DUMPABLE, 0));
  T(prctl(PR_GET_DUMPABLE));
  T(prctl(PR_SET_DUMPABLE, 7));
  T(prctl(PR_SET_KEEPCAPS, 1));
  T(prctl(PR_GET_KEEPCAPS));
  T(prctl(PR_SET_PDEATHSIG, 9));
  int sg;
  T(prctl(PR_GET_PDEATHSIG, &sg));
  T(sg);
  T(prctl(PR_SET_PDEATHSIG, 99));
  T(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  T(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  T(prctl(PR_GET_SECCOMP));
  return 0;
}
