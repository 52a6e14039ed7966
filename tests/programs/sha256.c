/* Rounds of SHA-256 (with constants of lesser precision): shifts, rotations, memory.
   build: -O2 -nostdlib -static -fno-tree-loop-distribute-patterns */
#include "freestanding.h"

static uint32_t turn(uint32_t x, int n) { return x >> n | x << (32 - n); }
static uint32_t constants[64], hash[8];

/* The first 32 fractional bits of the square (or cube) roots of primes, in integers. */
static uint32_t root_bits(uint64_t prime, int cube) {
  unsigned __int128 low = 0, high = (unsigned __int128)1 << 37;
  while (high - low > 1) {
    unsigned __int128 middle = (low + high) / 2;
    int above = cube ? (middle >> 20) * (middle >> 20) * (middle >> 20) > (unsigned __int128)prime << 36 : middle * middle > (unsigned __int128)prime << 64;
    if (above) high = middle;
    else low = middle;
  }
  return (uint32_t)low;
}

int main(void) {
  int n = 0;
  for (uint64_t p = 2; n < 64; p++) {
    int prime = 1;
    for (uint64_t d = 2; d * d <= p; d++) prime &= p % d != 0;
    if (!prime) continue;
    constants[n] = root_bits(p, 1);
    if (n < 8) hash[n] = root_bits(p, 0);
    n++;
  }
  uint8_t block[64] = "everystep";
  block[9] = 0x80;
  block[63] = 72;
  for (int round = 0; round < 3; round++) {
    uint32_t w[64], h[8];
    for (int i = 0; i < 16; i++) w[i] = block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) w[i] = w[i - 16] + w[i - 7] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) + (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
    for (int i = 0; i < 8; i++) h[i] = hash[i];
    for (int i = 0; i < 64; i++) {
      uint32_t t = h[7] + (turn(h[4], 6) ^ turn(h[4], 11) ^ turn(h[4], 25)) + ((h[4] & h[5]) ^ (~h[4] & h[6])) + constants[i] + w[i];
      uint32_t u = (turn(h[0], 2) ^ turn(h[0], 13) ^ turn(h[0], 22)) + ((h[0] & h[1]) ^ (h[0] & h[2]) ^ (h[1] & h[2]));
      for (int j = 7; j > 0; j--) h[j] = h[j - 1];
      h[4] += t;
      h[0] = t + u;
    }
    for (int i = 0; i < 8; i++) hash[i] += h[i];
  }
  for (int i = 0; i < 8; i++) print("word", hash[i]);
  return 0;
}
