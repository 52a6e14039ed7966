/* The product of double-precision matrices, and a relaxation.
   kind: double
   build: -O2 -static */
#include <stdio.h>

enum { N = 160 };
static double a[N][N], b[N][N], c[N][N];

int main(void) {
  double trace = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = (i * 7 + j * 3) % 11 - 5.25;
      b[i][j] = (i * 5 + j * 13) % 17 / 8.0 - 1;
    }
  for (int round = 0; round < 80; round++) {
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        double sum = 0;
        for (int k = 0; k < N; k++) sum += a[i][k] * b[k][j];
        c[i][j] = sum;
      }
    for (int i = 1; i < N - 1; i++)
      for (int j = 1; j < N - 1; j++) a[i][j] = (c[i - 1][j] + c[i + 1][j] + c[i][j - 1] + c[i][j + 1]) / 997.5;
    for (int i = 0; i < N; i++) trace += c[i][i];
  }
  printf("%.10g\n", trace);
  return 0;
}
