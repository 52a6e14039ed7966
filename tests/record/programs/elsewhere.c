// Memory that processes share, each at another address; one of them has it twice.
// build: -O1 -g -static -DSPINS=50
// build(Long): -O1 -g -static -DSPINS=200000
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

long *here, *again, *there;

__attribute__((noipa)) long by_parent(long value) { return value; }
__attribute__((noipa)) long by_child(long value) { return value; }
__attribute__((noipa)) void in_child(void) {}
__attribute__((noipa)) void in_parent(void) {}
__attribute__((noipa)) void at_end(void) {}

// Takes some instructions, so that nobody else runs in some stretches of the run.
__attribute__((noipa)) void spin(void) {
  for (volatile int i = 0; i < SPINS; i++);
}

static long *map(int file) { return mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0); }

int main() {
  int file = memfd_create("shared", 0);
  if (ftruncate(file, 3 * 4096) != 0) return 1;
  here = map(file);
  // On its second page.
  here[600] = by_parent(40);
  spin();
  if (fork() == 0) {
    // Of its parent's there is nothing left.
    munmap(here, 3 * 4096);
    mmap(0, 7 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    there = map(file);
    spin();
    in_child();
    there[601] = by_child(there[600] + 1);
    spin();
    pwrite(file, "x", 1, 602 * sizeof(long));
    spin();
    _exit(there == here);
  }
  int status;
  wait(&status);
  in_parent();
  again = map(file);
  again[603] = here[601];
  spin();
  at_end();
  printf("%ld %ld %ld %d\n", here[601], here[602], here[603], status);
}
