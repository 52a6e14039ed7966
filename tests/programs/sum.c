/* The article's loop, with fewer iterations.
   build: -O0 -nostdlib -static -DCOUNT=2000 -DFREESTANDING
   build(Glibc): -O0 -static -DCOUNT=2000 */
#ifdef FREESTANDING
#include "freestanding.h"
#endif
int main() {
  int i, sum = 0;
  for (i = 0; i < COUNT; i++) {
    sum += i;
  }
  return 0;
}
