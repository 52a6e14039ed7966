/* SHA-256 with the CPU's instructions, its rounds unrolled.
   kind: neon
   build: -O2 -static -march=armv8-a+crypto */
#include <arm_neon.h>
#include <stdint.h>
#include <stdio.h>

/* FIPS 180-4, 4.2.2 */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static uint8_t data[64 * 1024];

int main(void) {
  for (unsigned i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 7);
  uint32x4_t abcd = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a};
  uint32x4_t efgh = {0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (int round = 0; round < 4500; round++)
    for (unsigned i = 0; i < sizeof data; i += 64) {
      uint32x4_t savedAbcd = abcd, savedEfgh = efgh, w[4];
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) w[j] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data + i + 16 * j)));
#pragma GCC unroll 16
      for (int j = 0; j < 16; j++) {
        uint32x4_t sum = vaddq_u32(w[j & 3], vld1q_u32(constants + 4 * j)), before = abcd;
        if (j < 12) w[j & 3] = vsha256su1q_u32(vsha256su0q_u32(w[j & 3], w[(j + 1) & 3]), w[(j + 2) & 3], w[(j + 3) & 3]);
        abcd = vsha256hq_u32(abcd, efgh, sum);
        efgh = vsha256h2q_u32(efgh, before, sum);
      }
      abcd = vaddq_u32(abcd, savedAbcd);
      efgh = vaddq_u32(efgh, savedEfgh);
    }
  printf("%08x %08x\n", vgetq_lane_u32(abcd, 0), vgetq_lane_u32(efgh, 3));
  return 0;
}
