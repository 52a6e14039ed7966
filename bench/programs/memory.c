/* Memory: large copies and fills, streams through arrays larger than caches, and reads at scattered places.
   kind: memory
   build: -O2 -static -fno-tree-vectorize */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 1 << 20, BYTES = WORDS * 8 };

int main(void) {
  uint64_t *a = malloc(BYTES), *b = malloc(BYTES), *c = malloc(BYTES), sum = 0;
  uint32_t seed = 1;
  for (unsigned i = 0; i < WORDS; i++) {
    a[i] = seed = seed * 1664525 + 1013904223;
    b[i] = i;
  }
  for (unsigned round = 0; round < 80; round++) {
    for (unsigned i = 0; i < WORDS; i++) c[i] = a[i] + 3 * b[i];
    for (unsigned i = 0; i < WORDS; i++) sum += c[i];
    memcpy(b, c, BYTES);
    memmove((char *)b + 8 * (round % 7), b, BYTES - 64);
    memset(c, (int)round, BYTES);
    for (unsigned i = 0; i < WORDS; i++) {
      uint32_t at = (uint32_t)(i * 2654435761u) >> 12;
      sum += a[at] ^ c[at];
      a[at] += round;
    }
    const uint8_t *bytes = (const uint8_t *)b;
    for (unsigned i = 0; i < BYTES; i += 3) sum += bytes[i];
  }
  printf("%llu\n", (unsigned long long)sum);
  return 0;
}
