/* Calls that write to the same place again and again, now with other lengths, results, calls and a signal's handler between them,
   now in parts that overlap, now with hardly a byte as before.
   build: -O1 -static */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int ends[2];
static unsigned char place[8192];
static volatile unsigned handled;

static void handle(int number) {
  (void)number;
  unsigned char piece[64];
  handled++;
  if (write(ends[1], "handler", 7) == 7 && read(ends[0], piece, 7) == 7) handled += piece[0];
}

static unsigned long sumOf(const unsigned char *bytes, unsigned length) {
  unsigned long sum = 0;
  for (unsigned i = 0; i < length; i++) sum = sum * 31 + bytes[i];
  return sum;
}

static int pass(unsigned length, unsigned seed) {
  unsigned char data[8192];
  for (unsigned i = 0; i < length; i++) data[i] = (unsigned char)(i * 3 + (i == seed % length ? seed : 0));
  return write(ends[1], data, length) == (ssize_t)length && read(ends[0], place, length) == (ssize_t)length;
}

/* Both parts have bytes 16 to 31 of the place: the second one's stay. */
static int passOverlapping(unsigned seed) {
  unsigned char data[64];
  struct iovec parts[] = {{place, 32}, {place + 16, 32}};
  for (unsigned i = 0; i < sizeof data; i++) data[i] = (unsigned char)(i + seed / 4);
  return write(ends[1], data, sizeof data) == sizeof data && readv(ends[0], parts, 2) == sizeof data && place[16] == data[32];
}

static int passOthers(unsigned length, unsigned seed) {
  unsigned char data[2048];
  for (unsigned i = 0; i < length; i++) data[i] = (unsigned char)((i + 1) * (seed | 1));
  return write(ends[1], data, length) == (ssize_t)length && read(ends[0], place, length) == (ssize_t)length;
}

int main(void) {
  static const unsigned lengths[] = {64, 64, 64, 64, 63, 64, 1, 200, 64, 5000, 64, 64};
  unsigned long sum = 0;
  struct sigaction action = {.sa_handler = handle};
  if (pipe2(ends, O_NONBLOCK) != 0 || sigaction(SIGUSR1, &action, NULL) != 0) return 1;
  for (unsigned i = 0; i < 600; i++) {
    if (!pass(lengths[i % (sizeof lengths / sizeof *lengths)], i)) return 2;
    sum = sum * 7 + sumOf(place, sizeof place);
    if (i % 5 == 0) sum += syscall(SYS_getppid) > 0;
    if (i % 11 == 0 && (read(ends[0], place, 64) != -1 || errno != EAGAIN)) return 3;
    if (i % 13 == 0) sum += syscall(SYS_getcwd, place, 64) > 0;
    if (i % 17 == 0 && raise(SIGUSR1) != 0) return 4;
    if (i % 19 == 0 && lseek(ends[0], 0, SEEK_CUR) != -1) return 5;
  }
  for (unsigned i = 0; i < 400; i++) {
    static const unsigned others[] = {100, 990, 1003, 1010, 1024, 1025, 1100};
    if (!passOverlapping(i) || (i % 3 == 0 && !passOthers(others[i / 24 % (sizeof others / sizeof *others)], i / 6))) return 6;
    sum = sum * 7 + sumOf(place, sizeof place);
  }
  printf("%lx %u\n", sum, handled);
  return 0;
}
