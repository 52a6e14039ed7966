/* Callbacks out of libc, and variadic functions.
   build: -O1 -static */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double total(int count, ...) {
  va_list arguments;
  double sum = 0;
  va_start(arguments, count);
  for (int i = 0; i < count; i++) sum += i % 2 ? va_arg(arguments, double) : va_arg(arguments, int);
  va_end(arguments);
  return sum;
}

int main(void) {
  double values[100], wanted = 0;
  unsigned seed = 1;
  for (int i = 0; i < 100; i++) values[i] = (seed = seed * 1103515245 + 12345) / 65536.0;
  wanted = values[37];
  qsort(values, 100, sizeof *values, compare);
  double *found = bsearch(&wanted, values, 100, sizeof *values, compare);
  printf("%f %f %ld %f\n", values[0], values[99], found - values, total(12, 1, 2.5, 3, 4.5, 5, 6.5, 7, 8.5, 9, 10.5, 11, 12.5));
  return 0;
}
