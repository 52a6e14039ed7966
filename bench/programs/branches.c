/* Branches that depend on data: binary searches, steps of Collatz's sequences, a scanner of numbers and names.
   kind: branches
   build: -O1 -static -fno-if-conversion -fno-if-conversion2 */
#include <stdint.h>
#include <stdio.h>

enum { N = 4096, TEXT = 1 << 16 };
static uint32_t sorted[N];
static char text[TEXT + 1];

static unsigned find(uint32_t key) {
  unsigned low = 0, high = N;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    if (sorted[middle] < key)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static unsigned collatz(uint64_t n) {
  unsigned steps = 0;
  for (; n != 1; steps++) {
    if (n & 1)
      n = 3 * n + 1;
    else
      n >>= 1;
  }
  return steps;
}

static unsigned scan(const char *p) {
  unsigned sum = 0;
  while (*p) {
    if (*p >= '0' && *p <= '9') {
      unsigned value = 0;
      while (*p >= '0' && *p <= '9') value = value * 10 + (unsigned)(*p++ - '0');
      sum += value;
    } else if (*p >= 'a' && *p <= 'z') {
      unsigned length = 0;
      while ((*p >= 'a' && *p <= 'z') || *p == '_') p++, length++;
      sum ^= length << 8;
    } else if (*p == '(') {
      sum += 3, p++;
    } else if (*p == ')') {
      sum -= 1, p++;
    } else {
      p++;
    }
  }
  return sum;
}

int main(void) {
  static const char letters[] = "abcxyz_0123456789 ()+-;\n";
  uint32_t seed = 1;
  unsigned long sum = 0;
  for (unsigned i = 0; i < N; i++) sorted[i] = i * 1048573u;
  for (unsigned i = 0; i < TEXT; i++) text[i] = letters[((seed = seed * 1664525 + 1013904223) >> 16) % (sizeof letters - 1)];
  for (unsigned round = 0; round < 180; round++) {
    for (unsigned i = 0; i < 60000; i++) sum += find(seed = seed * 1664525 + 1013904223);
    for (unsigned i = 1; i < 12000; i++) sum += collatz(i + round);
    for (unsigned i = 0; i < 8; i++) sum += scan(text);
  }
  printf("%lu\n", sum);
  return 0;
}
