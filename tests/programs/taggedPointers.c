/*
  Loads, stores, atomics and branches through addresses with a tag in the top byte, which the MMU ignores.
  build: -O2 -static
  args: 4000
*/
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t words[512];

static void *tagged(void *pointer, unsigned tag) { return (void *)((uintptr_t)pointer | (uint64_t)tag << 56); }

static int twice(int x) { return 2 * x; }

int main(int argc, char **argv) {
  unsigned rounds = argc > 1 ? atoi(argv[1]) : 1000;
  uint64_t sum = 0;
  for (unsigned i = 0; i < rounds; i++) {
    /* The same tag for a while, then another, then alternating ones. */
    unsigned tag = i < rounds / 2 ? 0x5a : i < rounds * 3 / 4 ? 0x80 : i;
    volatile uint64_t *p = tagged(words, tag);
    p[i & 511] += i;
    sum += p[(i * 7) & 511];
    __atomic_fetch_add((uint64_t *)tagged(&words[3], i), 1, __ATOMIC_SEQ_CST);
    if ((i & 63) == 0) memcpy(tagged(&words[256], 0xff), tagged(words, 0x7f), 1024);
  }
  int (*volatile function)(int) = tagged(twice, 0xa5);
  printf("%llx %d %d\n", (unsigned long long)sum, function(21), words == tagged(words, 1));
  return 0;
}
