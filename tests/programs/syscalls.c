/* System calls whose results do not depend on the host.
   build: -O1 -nostdlib -static */
#include "freestanding.h"

#define CALL(number, ...) print(#number, (uint64_t)syscall6(number, __VA_ARGS__))

static char buffer[512];

int main(int argc, char **argv) {
  long pipe_fds[1] = {0};
  int *fds = (int *)pipe_fds;
  print("argc", argc);
  print("name", argv[0][0]);
  CALL(64, 1, (long)"text\n", 5, 0, 0, 0);       /* write */
  CALL(64, 1, 16, 5, 0, 0, 0);                   /* write from nowhere */
  CALL(64, 77, (long)"text\n", 5, 0, 0, 0);      /* write to no file */
  CALL(57, 77, 0, 0, 0, 0, 0);                   /* close */
  long null = syscall6(56, -100, (long)"/dev/null", 2, 0, 0, 0); /* openat */
  print("null", null);
  CALL(64, null, (long)buffer, 100, 0, 0, 0);
  CALL(63, null, (long)buffer, 100, 0, 0, 0);    /* read */
  long zero = syscall6(56, -100, (long)"/dev/zero", 0, 0, 0, 0);
  buffer[3] = 9;
  CALL(63, zero, (long)buffer, 100, 0, 0, 0);
  print("zeroed", buffer[3]);
  CALL(56, -100, (long)"/no/such/file", 0, 0, 0, 0);
  CALL(56, -100, 16, 0, 0, 0, 0);
  CALL(59, (long)fds, 0, 0, 0, 0, 0);            /* pipe2 */
  print("fds", fds[0] * 16 + fds[1]);
  CALL(64, fds[1], (long)"0123456789", 10, 0, 0, 0);
  CALL(63, fds[0], (long)buffer, 4, 0, 0, 0);
  CALL(57, fds[1], 0, 0, 0, 0, 0);
  CALL(63, fds[0], (long)buffer, 100, 0, 0, 0);
  CALL(63, fds[0], (long)buffer, 100, 0, 0, 0);
  struct { const char *data; size_t bytes; } parts[] = {{"gath", 4}, {"", 0}, {"ered\n", 5}};
  CALL(66, 1, (long)parts, 3, 0, 0, 0);          /* writev */
  CALL(23, null, 0, 0, 0, 0, 0);                 /* dup */
  CALL(25, null, 3, 0, 0, 0, 0);                 /* fcntl F_GETFL */
  CALL(62, null, 5, 0, 0, 0, 0);                 /* lseek */
  CALL(9999, 1, 2, 3, 4, 5, 6);                  /* none */
  CALL(134, 64, 0, (long)buffer, 8, 0, 0);       /* rt_sigaction */
  CALL(134, 9, (long)buffer, 0, 8, 0, 0);
  CALL(113, 99, (long)buffer, 0, 0, 0, 0);       /* clock_gettime */
  syscall6(94, 300, 0, 0, 0, 0, 0);              /* exit_group, status modulo 256 */
  return 0;
}
