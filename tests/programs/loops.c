/* Nested loops, optimised.
   build: -O2 -nostdlib -static */
#include "freestanding.h"

int main(int argc, char **argv) {
  (void)argv;
  uint32_t table[16], seed = argc;
  uint64_t total = 0;
  for (int i = 0; i < 16; i++) table[i] = seed = seed * 1664525 + 1013904223;
  for (int round = 0; round < 6; round++)
    for (int i = 0; i < 16; i++) {
      for (int j = i; j > 0; j--) {
        if (table[j] % 7 == 3) continue;
        total += table[j] ^ table[j - 1];
        if ((total & 31) == 9) break;
      }
      table[i] += (uint32_t)total;
    }
  do {
    total = total & 1 ? 3 * (total >> 20) + 1 : total >> 1;
  } while (total > 1);
  print("table", table[3]);
  return (int)(table[5] & 127);
}
