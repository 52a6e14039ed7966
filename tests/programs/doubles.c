/* Double and single precision: arithmetic, comparison, square root, rounding, infinities, NaNs and denormals.
   build: -O2 -nostdlib -static -fno-math-errno -ffp-contract=off
   build(Fused): -O2 -nostdlib -static -fno-math-errno -ffp-contract=fast */
#include "freestanding.h"

static uint64_t bits(double d) {
  union { double d; uint64_t u; } x = {d};
  return x.u;
}
static uint64_t bits32(float f) {
  union { float f; uint32_t u; } x = {f};
  return x.u;
}

static volatile double values[] = {0.0, -0.0, 1.0, -1.5, 3.141592653589793, 1e-310, 1e308, 1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0, 4503599627370496.5, 0.1};

int main(void) {
  uint64_t sum = 0, flags;
  enum { COUNT = sizeof values / sizeof *values };
  for (int i = 0; i < COUNT; i++) {
    double x = values[i];
    sum = sum * 31 + bits(__builtin_sqrt(x > 0 ? x : -x)) + bits(__builtin_floor(x)) * 3 + bits(__builtin_ceil(x)) * 5 + bits(__builtin_trunc(x)) * 7 + bits(__builtin_rint(x)) * 11;
    for (int j = 0; j < COUNT; j++) {
      double y = values[j];
      float f = (float)x, g = (float)y;
      sum = sum * 31 + bits(x + y) + bits(x - y) * 3 + bits(x * y) * 5 + bits(x / y) * 7;
      sum = sum * 31 + bits32(f + g) + bits32(f - g) * 3 + bits32(f * g) * 5 + bits32(f / g) * 7;
      sum = sum * 31 + (x < y) + 2 * (x == y) + 4 * (x > y) + 8 * __builtin_isunordered(x, y);
      sum = sum * 31 + bits(x * y + 0.25) + bits32(f * g - 0.75f);
      double most, least;
      __asm__("fmaxnm %d0, %d2, %d3\n fmin %d1, %d2, %d3" : "=&w"(most), "=w"(least) : "w"(x), "w"(y));
      sum = sum * 31 + bits(most) + bits(least) * 3;
    }
    print("sum", sum);
  }
  __asm__ volatile("mrs %0, fpsr" : "=r"(flags));
  print("fpsr", flags);
  return 0;
}
