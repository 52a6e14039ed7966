/* glibc's malloc: small, large (mmap), realloc, calloc, free in another order.
   build: -O1 -static */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char *blocks[40];
  unsigned sum = 0;
  for (int i = 0; i < 40; i++) {
    blocks[i] = i % 9 == 8 ? calloc(i, 20000) : malloc(i * 37 + 1);
    memset(blocks[i], i, i * 37 + 1);
  }
  for (int i = 0; i < 40; i += 3) free(blocks[i]);
  for (int i = 1; i < 40; i += 3) blocks[i] = realloc(blocks[i], i * 5000 + 1);
  for (int i = 0; i < 40; i++)
    if (i % 3) sum = sum * 31 + blocks[i][i * 30];
  printf("%u\n", sum);
  return 0;
}
