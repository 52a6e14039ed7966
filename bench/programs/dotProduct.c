/* Dot products of 16-bit integers and of single-precision numbers, as gcc vectorises them.
   kind: neon
   build: -O3 -static -fassociative-math -fno-signed-zeros -fno-trapping-math */
#include <stdint.h>
#include <stdio.h>

enum { N = 8192 };
static int16_t a[N], b[N];
static float x[N], y[N];

int main(void) {
  for (int i = 0; i < N; i++) {
    a[i] = (int16_t)(i * 7 % 251 - 125);
    b[i] = (int16_t)(i * 11 % 241 - 120);
    x[i] = (float)(i % 13) * 0.1f;
    y[i] = (float)(i % 7);
  }
  int64_t total = 0;
  float sum = 0;
  for (int round = 0; round < 36000; round++) {
    int32_t product = 0;
    for (int i = 0; i < N; i++) product += a[i] * b[i];
    total += product;
    float dot = 0;
    for (int i = 0; i < N; i++) dot += x[i] * y[i];
    sum += dot > (float)round ? 1.0f : 2.0f;
    a[round % N]++;
  }
  printf("%lld %.1f\n", (long long)total, sum);
  return 0;
}
