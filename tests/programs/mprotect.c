/* Changing permissions: a write that is allowed, then not; ends with SIGSEGV.
   build: -O1 -nostdlib -static */
#include "freestanding.h"

static __attribute__((aligned(4096))) volatile uint64_t area[2 * 512];

static long sys_mprotect(volatile void *address, long length, long prot) { return syscall6(226, (long)address, length, prot, 0, 0, 0); }

int main(void) {
  for (int i = 0; i < 6; i++) {
    area[600] = area[600] + i;
    print("protect", sys_mprotect(area + 512, 4096, i & 1 ? 3 : 1));
    print("read", area[600]);
    print("unprotect", sys_mprotect(area + 512, 4096, 3));
  }
  print("unaligned", sys_mprotect((char *)area + 1, 4096, 3));
  print("protect", sys_mprotect(area + 512, 4096, 1));
  area[511] = 1;
  area[512] = 2;
  print("not reached", area[512]);
  return 0;
}
