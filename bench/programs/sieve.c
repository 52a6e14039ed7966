/* The sieve of Eratosthenes, a byte a number.
   kind: integer
   build: -O2 -static */
#include <stdio.h>
#include <string.h>

enum { LIMIT = 4000000 };
static unsigned char composite[LIMIT + 1];

int main(void) {
  unsigned count = 0;
  for (int round = 0; round < 90; round++) {
    memset(composite, 0, sizeof composite);
    for (unsigned i = 2; i * i <= LIMIT; i++)
      if (!composite[i])
        for (unsigned j = i * i; j <= LIMIT; j += i) composite[j] = 1;
    for (unsigned i = 2; i <= LIMIT; i++) count += !composite[i];
  }
  printf("%u\n", count);
  return 0;
}
