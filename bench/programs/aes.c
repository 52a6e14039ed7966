/* AES with the CPU's instructions: rounds of encryption and of decryption over many blocks.
   kind: neon
   build: -O2 -static -march=armv8-a+crypto */
#include <arm_neon.h>
#include <stdint.h>
#include <stdio.h>

static uint8_t data[64 * 1024];

int main(void) {
  uint8x16_t key[11];
  for (int i = 0; i < 11; i++) {
    uint8_t bytes[16];
    for (int j = 0; j < 16; j++) bytes[j] = (uint8_t)(i * 17 + j * 31 + 5);
    key[i] = vld1q_u8(bytes);
  }
  for (unsigned i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 7);
  for (int round = 0; round < 1920; round++)
    for (unsigned i = 0; i < sizeof data; i += 16) {
      uint8x16_t s = vld1q_u8(data + i);
      if (round % 3 != 0) {
        for (int j = 0; j < 9; j++) s = vaesmcq_u8(vaeseq_u8(s, key[j]));
        s = veorq_u8(vaeseq_u8(s, key[9]), key[10]);
      } else {
        s = veorq_u8(s, key[10]);
        for (int j = 9; j > 0; j--) s = vaesimcq_u8(vaesdq_u8(s, key[j]));
        s = vaesdq_u8(s, key[0]);
      }
      vst1q_u8(data + i, s);
    }
  uint32_t hash = 0;
  for (unsigned i = 0; i < sizeof data; i++) hash = hash * 31 + data[i];
  printf("%08x\n", hash);
  return 0;
}
