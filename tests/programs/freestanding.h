/* What a program without libc needs: a start, a way out, and output of numbers. */
#ifndef FREESTANDING_H
#define FREESTANDING_H
#include <stddef.h>
#include <stdint.h>

static inline long syscall6(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}

static inline long sys_write(int fd, const void *data, size_t bytes) { return syscall6(64, fd, (long)data, bytes, 0, 0, 0); }
static inline void sys_exit(int status) {
  for (;;) syscall6(93, status, 0, 0, 0, 0, 0);
}

/* One line with a label and a number in hexadecimal. */
static void print(const char *label, uint64_t value) {
  char line[96];
  size_t n = 0;
  while (label[n] && n < 70) {
    line[n] = label[n];
    n++;
  }
  line[n++] = ' ';
  for (int shift = 60; shift >= 0; shift -= 4) line[n++] = "0123456789abcdef"[(value >> shift) & 15];
  line[n++] = '\n';
  sys_write(1, line, n);
}

int main();
__attribute__((used)) static void start_c(long *stack) { sys_exit(main((int)stack[0], (char **)(stack + 1))); }
__asm__(".text\n.globl _start\n.type _start, %function\n_start:\n  mov x29, #0\n  mov x30, #0\n  mov x0, sp\n  bl start_c\n  brk #1\n");
#endif
