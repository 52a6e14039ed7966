/* A fast Fourier transform of double-precision numbers, in place, radix 2.
   kind: neon
   build: -O3 -static -fassociative-math -fno-signed-zeros -fno-trapping-math */
#include <stdio.h>

enum { LOG = 12, N = 1 << LOG };
static double re[N], im[N], cosines[N / 2], sines[N / 2];

static void transform(void) {
  for (int i = 1, j = 0; i < N; i++) {
    int bit = N >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
    if (i < j) {
      double t = re[i]; re[i] = re[j]; re[j] = t;
      t = im[i]; im[i] = im[j]; im[j] = t;
    }
  }
  for (int half = 1; half < N; half *= 2) {
    int stride = N / 2 / half;
    for (int start = 0; start < N; start += 2 * half)
      for (int k = 0; k < half; k++) {
        double c = cosines[k * stride], s = sines[k * stride];
        double *pr = re + start + k, *pi = im + start + k;
        double tr = pr[half] * c - pi[half] * s, ti = pr[half] * s + pi[half] * c;
        pr[half] = pr[0] - tr;
        pi[half] = pi[0] - ti;
        pr[0] += tr;
        pi[0] += ti;
      }
  }
}

int main(void) {
  /* The rotation by one step, then by repeated multiplication: no need for libm. */
  double c = 0.99999882345170188, s = -0.0015339801862847655;
  cosines[0] = 1;
  for (int i = 1; i < N / 2; i++) {
    cosines[i] = cosines[i - 1] * c - sines[i - 1] * s;
    sines[i] = cosines[i - 1] * s + sines[i - 1] * c;
  }
  for (int i = 0; i < N; i++) re[i] = (double)(i % 16);
  for (int round = 0; round < 1800; round++) {
    transform();
    for (int i = 0; i < N; i++) {
      re[i] *= 1.0 / 64;
      im[i] *= 1.0 / 64;
    }
  }
  printf("%.6g %.6g\n", re[1], im[N / 4]);
  return 0;
}
