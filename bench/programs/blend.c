/* Two images of bytes blended by a mask of bytes, as gcc vectorises it.
   kind: neon
   build: -O3 -static */
#include <stdint.h>
#include <stdio.h>

enum { N = 16384 };
static uint8_t front[N], back[N], mask[N], out[N];

int main(void) {
  for (int i = 0; i < N; i++) {
    front[i] = (uint8_t)(i * 7);
    back[i] = (uint8_t)(i * 13 + 5);
    mask[i] = (uint8_t)(i * 31);
  }
  uint32_t sum = 0;
  for (int round = 0; round < 50000; round++) {
    for (int i = 0; i < N; i++) out[i] = (uint8_t)((front[i] * mask[i] + back[i] * (255 - mask[i]) + 128) >> 8);
    sum = sum * 31 + out[round % N];
    front[round % N] = out[(round * 7) % N];
  }
  printf("%08x\n", sum);
  return 0;
}
