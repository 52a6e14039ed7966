// Bit fields, shifts, counts, reversals, wide moves, logical immediates.
// build: -nostdlib -static
#include "macros.inc"
.globl _start
_start:
  mov x28, #0
  adr x20, values
  mov x21, #8
next:
  ldr x1, [x20], #8
  ubfx x2, x1, #7, #13
  sbfx x3, x1, #20, #9
  ubfiz w4, w1, #3, #5
  sbfiz x5, x1, #30, #31
  bfi x6, x1, #11, #23
  bfxil x7, x1, #33, #8
  extr x8, x1, x3, #17
  extr w9, w2, w1, #5
  ror w10, w1, #9
  lsl x11, x1, x21
  lsr w12, w1, w21
  asr x13, x1, x2
  ror x14, x1, x3
  lsl x15, x1, #63
  asr w16, w1, #31
  lsr x17, x1, #1
  clz x18, x1
  cls w19, w1
  rbit x22, x1
  rev x23, x1
  rev16 x24, x1
  rev32 x25, x1
  sxtb x26, w1
  uxth w27, w1
  bl mix
  movz x2, #0x1234, lsl #32
  movk x2, #0x5678, lsl #16
  movn w3, #0xff
  movn x4, #0, lsl #48
  orr x5, x1, #0x5555555555555555
  and w6, w1, #0x0ff00ff0
  eor x7, x1, #0xfffffffe00000001
  orn x8, x1, x2, lsl #3
  eon w9, w1, w3, ror #4
  bic x10, x1, x5, asr #12
  mvn x11, x1, lsr #5
  mul x12, x1, x5
  mneg w13, w1, w6
  madd x14, x1, x2, x3
  msub w15, w1, w2, w3
  smull x16, w1, w4
  umull x17, w1, w5
  smaddl x18, w1, w2, x3
  umsubl x19, w1, w2, x3
  smulh x22, x1, x5
  umulh x23, x1, x7
  sdiv x24, x1, x21
  udiv w25, w1, w21
  sdiv w26, w1, wzr
  udiv x27, x1, xzr
  bl mix
  subs x21, x21, #1
  b.ne next
  mov x2, #-1
  mov x3, #0x8000000000000000
  sdiv x4, x3, x2
  eor x28, x28, x4
  and x0, x28, #127
  mov x8, #93
  svc #0

mix:
  .irp r, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 22, 23, 24, 25, 26, 27
  eor x28, x\r, x28, ror #9
  add x28, x28, x28, lsl #2
  .endr
  ret

  .p2align 3
values: .xword 0, 1, -1, 0x8000000000000000, 0x7fffffff80000000, 0x123456789abcdef0, 0x00ff00ff00ff00ff, 0xdeadbeef
