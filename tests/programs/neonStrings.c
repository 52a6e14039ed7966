/* glibc's string functions, which use AdvSIMD, at all alignments.
   build: -O2 -static -fno-builtin */
#include <stdio.h>
#include <string.h>

static char a[600], b[600];

int main(void) {
  unsigned long sum = 0;
  for (int offset = 0; offset < 18; offset += 3) {
    for (int length = 0; length < 140; length += 1 + length / 3) {
      memset(a, 'x', sizeof a);
      memset(b, 0, sizeof b);
      for (int i = 0; i < length; i++) a[offset + i] = 'a' + (i * 7 + offset) % 26;
      a[offset + length] = 0;
      strcpy(b + 3, a + offset);
      sum = sum * 31 + strlen(b + 3);
      sum = sum * 31 + (strcmp(a + offset, b + 3) == 0);
      b[3 + length / 2] = '!';
      sum = sum * 31 + (strncmp(a + offset, b + 3, length) > 0);
      sum = sum * 31 + (memcmp(a + offset, b + 3, length + 1) > 0);
      memmove(a + offset + 5, a + offset, length);
      memcpy(b + 300 - offset, a + offset, length + 9);
      char *found = strchr(a + offset, 'k');
      sum = sum * 31 + (found ? found - a : 0);
      found = memchr(b, '!', sizeof b);
      sum = sum * 31 + (found ? found - b : 0);
      found = strrchr(b + 3, 'e');
      sum = sum * 31 + (found ? found - b : 0);
    }
  }
  printf("%lx\n", sum);
  return 0;
}
