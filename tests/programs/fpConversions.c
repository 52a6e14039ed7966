/* Conversions between integers and floating point, all widths, signs and roundings, out of range too.
   build: -O1 -nostdlib -static */
#include "freestanding.h"

static volatile double values[] = {0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 2147483647.5, 2147483648.0, -2147483649.0, 4294967295.9, 9223372036854775807.0, -9223372036854775808.0, 1e19, 1.8446744073709552e19, -1e30, 1.0 / 0.0, 0.0 / 0.0, 1e-45, 3.4028235677973366e38};
static volatile int64_t integers[] = {0, 1, -1, 16777217, 0x7fffffff, -0x80000000l, 9007199254740993, INT64_MAX, INT64_MIN, 0x7fffff4000000001};

#define CONVERT(name, type, from, value) ({ type r; __asm__(name " %" type##_REGISTER "0, %" from "1" : "=r"(r) : "w"(value)); (uint64_t)r; })
#define uint32_t_REGISTER "w"
#define uint64_t_REGISTER "x"

int main(void) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
    double d = values[i];
    float f = (float)d;
#define BOTH(name) sum = sum * 31 + CONVERT(name, uint32_t, "d", d) + 3 * CONVERT(name, uint64_t, "d", d) + 5 * CONVERT(name, uint32_t, "s", f) + 7 * CONVERT(name, uint64_t, "s", f);
    BOTH("fcvtzs") BOTH("fcvtzu") BOTH("fcvtns") BOTH("fcvtnu") BOTH("fcvtms") BOTH("fcvtmu") BOTH("fcvtps") BOTH("fcvtpu") BOTH("fcvtas") BOTH("fcvtau")
    union { float f; uint32_t u; } narrow = {f};
    union { double d; uint64_t u; } wide = {(double)f};
    uint32_t half;
    double back;
    __asm__("fcvt %h1, %s2\n fmov %w0, %s1\n fcvt %d1, %h1" : "=r"(half), "=&w"(back) : "w"(f));
    union { double d; uint64_t u; } again = {back};
    sum = sum * 31 + narrow.u + wide.u + half + again.u;
    print("sum", sum);
  }
  for (unsigned i = 0; i < sizeof integers / sizeof *integers; i++) {
    int64_t n = integers[i];
    union { double d; uint64_t u; } a = {(double)n}, b = {(double)(uint64_t)n}, c = {(double)(int32_t)n}, d = {(double)(uint32_t)n};
    union { float f; uint32_t u; } e = {(float)n}, f = {(float)(uint64_t)n}, g = {(float)(int32_t)n}, h = {(float)(uint32_t)n};
    sum = sum * 31 + a.u + 3 * b.u + 5 * c.u + 7 * d.u + 11 * e.u + 13 * f.u + 17 * g.u + 19 * h.u;
  }
  print("sum", sum);
  return 0;
}
