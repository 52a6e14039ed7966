/* Hashing: SHA-256's rounds over a buffer, and FNV-1a.
   kind: integer
   build: -O2 -static */
#include <stdint.h>
#include <stdio.h>

static uint32_t turn(uint32_t x, int n) { return x >> n | x << (32 - n); }
static uint8_t data[1 << 16];
static uint32_t constants[64];

static void compress(uint32_t *hash, const uint8_t *block) {
  uint32_t w[64], a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 64; i++) w[i] = w[i - 16] + w[i - 7] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) + (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
  for (int i = 0; i < 64; i++) {
    uint32_t t = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    uint32_t u = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t, d = c, c = b, b = a, a = t + u;
  }
  hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d, hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
}

int main(void) {
  uint32_t hash[8] = {1, 2, 3, 4, 5, 6, 7, 8}, seed = 1;
  uint64_t fnv = 14695981039346656037u;
  for (int i = 0; i < 64; i++) constants[i] = seed = seed * 1664525 + 1013904223;
  for (unsigned i = 0; i < sizeof data; i++) data[i] = (seed = seed * 1664525 + 1013904223) >> 24;
  for (int round = 0; round < 3000; round++) {
    for (unsigned i = 0; i < sizeof data; i += 64) compress(hash, data + i);
    for (unsigned i = 0; i < sizeof data; i++) fnv = (fnv ^ data[i]) * 1099511628211u;
  }
  printf("%08x %016lx\n", hash[3], fnv);
  return 0;
}
