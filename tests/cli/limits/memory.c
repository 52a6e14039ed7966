/* Wants more memory than there is, in several ways.
   build: -O1 -static */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MiB = 1 << 20 };

static char *map(size_t size, int flags) {
  return mmap(0, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);
}

static int recurse(int depth) {
  volatile char frame[1000];
  frame[0] = depth;
  return recurse(depth + 1) + frame[0];
}

/* Allocates until there is no more; what is never touched costs nothing. */
static void allocate(void) {
  for (;;) {
    char *piece = malloc(MiB);
    if (piece == 0) exit(errno == ENOMEM ? 3 : 4);
    memset(piece, 1, MiB);
  }
}

static void forkAndWrite(void) {
  char *all = map(40 * MiB, MAP_PRIVATE);
  memset(all, 1, 40 * MiB);
  int status;
  if (fork() == 0) {
    memset(all, 2, 40 * MiB);
    _exit(0);
  }
  wait(&status);
  printf("child: signal %d\n", WTERMSIG(status));
  memset(all, 3, 40 * MiB);
  puts("parent goes on");
}

static void reuse(void) {
  char *all = map(1024 * MiB, MAP_PRIVATE | MAP_NORESERVE);
  for (int i = 0; i < 200; i++) {
    char *part = all + i * 5 * MiB;
    for (int k = 0; k < 5 * MiB; k += 512) if (part[k] != 0) _exit(9);
    memset(part, 1, 5 * MiB);
    if (i % 2 == 0) madvise(part, 5 * MiB, MADV_DONTNEED);
    else munmap(part, 5 * MiB);
    if (i % 2 == 0 && part[MiB] != 0) _exit(8);
  }
  puts("reused");
}

int main(int argc, char **argv) {
  setvbuf(stdout, 0, _IONBF, 0);
  const char *what = argv[1];
  if (strcmp(what, "allocate") == 0) allocate();
  if (strcmp(what, "untouched") == 0) printf("%d\n", map(1024 * MiB, MAP_PRIVATE) != MAP_FAILED && map(1024 * MiB, MAP_PRIVATE | MAP_NORESERVE) != MAP_FAILED);
  if (strcmp(what, "shared") == 0) printf("%s\n", map(100 * MiB, MAP_SHARED) == MAP_FAILED ? strerror(errno) : "mapped");
  if (strcmp(what, "huge") == 0) printf("%s\n", map(1L << 45, MAP_PRIVATE) == MAP_FAILED ? strerror(errno) : "mapped");
  if (strcmp(what, "fork") == 0) forkAndWrite();
  if (strcmp(what, "reuse") == 0) reuse();
  if (strcmp(what, "stack") == 0) return recurse(0);
  if (strcmp(what, "kernel") == 0) {
    int ends[2];
    char *all = map(100 * MiB, MAP_PRIVATE);
    memset(all, 1, 55 * MiB);
    pipe(ends);
    for (int i = 55 * MiB;; i += 65536) {
      write(ends[1], all, 65536);
      if (read(ends[0], all + i, 65536) != 65536) return 7;
    }
  }
  if (strcmp(what, "child") == 0) {
    int status;
    if (fork() == 0) allocate();
    wait(&status);
    printf("child: signal %d\n", WTERMSIG(status));
  }
  if (strcmp(what, "mappings") == 0) {
    long count = 0;
    char *all = map(2048L * MiB, MAP_PRIVATE | MAP_NORESERVE);
    for (long at = 0; at < 1 << 19; at += 2, count++) if (mprotect(all + at * 4096, 4096, PROT_READ) != 0) break;
    printf("%s\n", strerror(errno));
  }
  return 0;
}
