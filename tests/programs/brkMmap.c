/* The heap by brk, and anonymous mappings: growing, shrinking, replacing parts, holes.
   build: -O1 -nostdlib -static */
#include "freestanding.h"

static long sys_brk(long address) { return syscall6(214, address, 0, 0, 0, 0, 0); }
static long sys_mmap(long address, long length, long prot, long flags) { return syscall6(222, address, length, prot, flags, -1, 0); }
static long sys_munmap(long address, long length) { return syscall6(215, address, length, 0, 0, 0, 0); }

int main(void) {
  long heap = sys_brk(0);
  print("grown", sys_brk(heap + 10000) - heap);
  uint64_t *words = (uint64_t *)heap;
  for (int i = 0; i < 1250; i += 50) words[i] = i;
  print("shrunk", sys_brk(heap + 100) - heap);
  print("grown again", sys_brk(heap + 0x23000) - heap);
  print("kept", words[0] + words[10]);
  print("zero", words[1000]);
  uint64_t *a = (uint64_t *)sys_mmap(0, 0x5000, 3, 0x22);
  uint64_t *b = (uint64_t *)sys_mmap(0, 0x3000, 3, 0x22);
  print("apart", (long)a - (long)b);
  for (int i = 0; i < 0x5000 / 8; i += 100) a[i] = i * 3;
  print("hole", sys_munmap((long)a + 0x1000, 0x1000));
  print("fixed", sys_mmap((long)a + 0x1000, 0x1000, 3, 0x32) - (long)a);
  print("fresh", a[0x1000 / 8] + a[0x1100 / 8]);
  print("kept", a[0x2000 / 8 + 88] + a[0]);
  print("bad length", sys_mmap(0, 0, 3, 0x22));
  print("bad address", sys_munmap((long)a + 1, 0x1000));
  b[5] = 9;
  print("b", b[5] + b[0x2ff8 / 8]);
  print("unmapped", sys_munmap((long)b, 0x3000));
  return 0;
}
