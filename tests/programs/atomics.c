/* Exclusive loads and stores, acquire and release, in loops as compilers write them.
   build: -O2 -nostdlib -static -mno-outline-atomics -march=armv8-a */
#include "freestanding.h"

static uint64_t counter64;
static uint32_t counter32;
static uint16_t counter16;
static uint8_t counter8;
static __attribute__((aligned(16))) uint64_t pair[2];

static unsigned exclusive_without_mark(void) {
  unsigned failed;
  __asm__ volatile("clrex\n stxr %w0, %x1, [%2]" : "=&r"(failed) : "r"(1l), "r"(&counter64) : "memory");
  return failed;
}

static unsigned exclusive_pair(uint64_t low, uint64_t high) {
  unsigned failed;
  uint64_t a, b;
  __asm__ volatile("1: ldaxp %1, %2, [%5]\n add %1, %1, %3\n add %2, %2, %4\n stlxp %w0, %1, %2, [%5]\n cbnz %w0, 1b"
                   : "=&r"(failed), "=&r"(a), "=&r"(b) : "r"(low), "r"(high), "r"(pair) : "memory");
  return failed;
}

static unsigned exclusive_elsewhere(void) {
  unsigned failed;
  uint64_t a;
  __asm__ volatile("ldxr %1, [%2]\n stxr %w0, %1, [%3]" : "=&r"(failed), "=&r"(a) : "r"(&pair[0]), "r"(&pair[1]) : "memory");
  return failed;
}

int main(int argc, char **argv) {
  (void)argv;
  for (int i = 0; i < 30; i++) {
    __atomic_fetch_add(&counter64, 0x100000001 * argc, __ATOMIC_SEQ_CST);
    __atomic_fetch_sub(&counter32, i, __ATOMIC_ACQUIRE);
    __atomic_fetch_xor(&counter16, 3 * i, __ATOMIC_RELEASE);
    __atomic_fetch_or(&counter8, i, __ATOMIC_RELAXED);
    uint64_t expected = i & 1 ? __atomic_load_n(&counter64, __ATOMIC_ACQUIRE) : 0;
    __atomic_compare_exchange_n(&counter64, &expected, expected * 5, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    __atomic_store_n(&counter32, __atomic_exchange_n(&counter32, i * 7, __ATOMIC_SEQ_CST) + 1, __ATOMIC_RELEASE);
    exclusive_pair(i, counter32);
  }
  print("counter64", counter64);
  print("counter32", counter32);
  print("counter16", counter16);
  print("counter8", counter8);
  print("pair", pair[0] * 3 + pair[1]);
  print("fails", exclusive_without_mark());
  print("fails", exclusive_elsewhere());
  return 0;
}
