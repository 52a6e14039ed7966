// A load from unmapped memory: SIGSEGV at a known pc, the registers before it set, those after it not.
// build: -nostdlib -static
.globl _start
_start:
  mov x0, #1
  mov x1, #0x1000
  movk x1, #0xdead, lsl #32
  mov x2, #5
  adds x2, x2, x0
  ldr x3, [x1, #8]!
  mov x2, #6
  mov x8, #93
  svc #0
