/* The library of useWeigh.c. */

/* Two functions, of which one calls the other: calls are seen, whoever makes them. */
__attribute__((noinline)) static int heavier(int n) { return n * 3 + 1; }

int weigh(const char *text) {
  int sum = 0;
  for (; *text != 0; text++) sum += heavier(*text);
  return sum;
}

int unused(int n) { return n; }
