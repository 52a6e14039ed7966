/* Sorting: quicksort with insertion sort, heap sort, and glibc's qsort with its callback.
   kind: integer
   build: -O2 -static */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 400000 };
static uint32_t source[COUNT], numbers[COUNT];

static void quick(uint32_t *a, long n) {
  while (n > 16) {
    uint32_t pivot = a[n / 2];
    long i = 0, j = n - 1;
    for (;;) {
      while (a[i] < pivot) i++;
      while (a[j] > pivot) j--;
      if (i >= j) break;
      uint32_t t = a[i];
      a[i++] = a[j];
      a[j--] = t;
    }
    quick(a, i);
    a += i;
    n -= i;
  }
  for (long i = 1; i < n; i++) {
    uint32_t x = a[i];
    long j = i;
    for (; j > 0 && a[j - 1] > x; j--) a[j] = a[j - 1];
    a[j] = x;
  }
}

static void heap(uint32_t *a, long n) {
  for (long start = n / 2, end = n; end > 1;) {
    if (start > 0) start--;
    else {
      uint32_t t = a[--end];
      a[end] = a[0];
      a[0] = t;
    }
    for (long root = start, child; (child = 2 * root + 1) < end; root = child) {
      if (child + 1 < end && a[child] < a[child + 1]) child++;
      if (a[root] >= a[child]) break;
      uint32_t t = a[root];
      a[root] = a[child];
      a[child] = t;
    }
  }
}

static int compare(const void *a, const void *b) { return (*(const uint32_t *)a > *(const uint32_t *)b) - (*(const uint32_t *)a < *(const uint32_t *)b); }

int main(void) {
  uint32_t seed = 7, sum = 0;
  for (int i = 0; i < COUNT; i++) source[i] = seed = seed * 1664525 + 1013904223;
  for (int round = 0; round < 9; round++) {
    memcpy(numbers, source, sizeof numbers);
    quick(numbers, COUNT);
    sum = sum * 31 + numbers[COUNT / 3];
    memcpy(numbers, source, sizeof numbers);
    heap(numbers, COUNT);
    sum = sum * 31 + numbers[COUNT / 5];
    memcpy(numbers, source, sizeof numbers);
    qsort(numbers, COUNT, sizeof *numbers, compare);
    sum = sum * 31 + numbers[COUNT / 7];
  }
  printf("%u\n", sum);
  return 0;
}
