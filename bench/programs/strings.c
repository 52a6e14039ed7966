/* glibc's memcpy, strlen, strcmp, memchr and memset on pieces of many lengths.
   kind: memory
   build: -O2 -static -fno-builtin */
#include <stdio.h>
#include <string.h>

static char text[1 << 16], copy[1 << 16];

int main(void) {
  unsigned long sum = 0;
  for (unsigned i = 0; i < sizeof text; i++) text[i] = 'a' + i * 7 % 26;
  for (int round = 0; round < 14000; round++) {
    for (unsigned at = 0, length = 1; at + length + 1 < sizeof text; at += length + 1, length = length * 5 % 1021 + 1) {
      memcpy(copy + at, text + at, length);
      copy[at + length] = 0;
      sum += strlen(copy + at);
      char *found = memchr(copy + at, 'q', length);
      if (found) sum += found - copy;
      text[at + length] = 0;
      sum += strcmp(copy + at, text + at) == 0;
      text[at + length] = 'z';
      if (length % 64 == 0) memset(copy + at, round, length);
      sum += memcmp(copy + at, text + at, length) == 0;
    }
    memmove(copy + 1, copy, sizeof copy - 1);
  }
  printf("%lu\n", sum);
  return 0;
}
