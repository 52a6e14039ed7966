/* Runs until somebody sets `done`.
   build: -O1 -g -nostdlib -static */
#include "freestanding.h"

volatile unsigned long n;
volatile int done;

int main(void) {
  while (!done) n++;
  return 5;
}
