/* Integer and floating-point vectors as the compiler makes them from loops.
   build: -O3 -nostdlib -static -ftree-vectorize -ffp-contract=off */
#include "freestanding.h"

static uint8_t bytes[64];
static int16_t halves[64];
static uint32_t words[64];
static float singles[64];
static double doubles[64];

int main(int argc, char **argv) {
  (void)argv;
  for (int i = 0; i < 64; i++) {
    bytes[i] = i * 7 * argc;
    halves[i] = i * 1111 - 30000;
    words[i] = i * 0x01234567;
    singles[i] = i * 0.25f - 3;
    doubles[i] = 100.0 - i * 1.5;
  }
  uint64_t sum = 0;
  for (int i = 0; i < 64; i++) sum += bytes[i] > 100 ? bytes[i] : 200 - bytes[i];
  print("bytes", sum);
  int32_t dot = 0;
  for (int i = 0; i < 64; i++) dot += halves[i] * halves[63 - i];
  print("dot", (uint32_t)dot);
  uint32_t most = 0;
  for (int i = 0; i < 64; i++) most = words[i] > most ? words[i] : most;
  print("most", most);
  for (int i = 0; i < 64; i++) words[i] = words[i] << 3 ^ words[i] >> 5 ^ bytes[i];
  uint32_t mixed = 0;
  for (int i = 0; i < 64; i++) mixed ^= words[i];
  print("mixed", mixed);
  for (int i = 0; i < 64; i++) singles[i] = singles[i] * singles[i] + (float)doubles[i];
  union { float f; uint32_t u; } f = {0};
  for (int i = 0; i < 64; i++) f.f += singles[i];
  print("singles", f.u);
  for (int i = 0; i < 64; i++) doubles[i] = doubles[i] < 50 ? singles[i] / 3 : (double)(int32_t)words[i];
  union { double d; uint64_t u; } d = {0};
  for (int i = 0; i < 64; i++) d.d += doubles[i];
  print("doubles", d.u);
  return 0;
}
