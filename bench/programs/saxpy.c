/* y = a x + y over single-precision vectors, as gcc vectorises it.
   kind: neon
   build: -O3 -static */
#include <stdio.h>

enum { N = 4096 };
static float x[N], y[N];

int main(void) {
  for (int i = 0; i < N; i++) {
    x[i] = (float)(i % 17) * 0.1f;
    y[i] = (float)(i % 5);
  }
  for (int round = 0; round < 96000; round++) {
    float a = (float)(round % 3 - 1) * 0.3f;
    for (int i = 0; i < N; i++) y[i] += a * x[i];
  }
  float sum = 0;
  for (int i = 0; i < N; i++) sum += y[i];
  printf("%.3f\n", sum);
  return 0;
}
