// Condition flags: every way to set them, every condition, conditional selects and compares.
// build: -nostdlib -static
#include "macros.inc"
.globl _start
_start:
  adr x20, values
  mov x21, #0
  mov x28, #0
outer:
  ldr x1, [x20, x21, lsl #3]
  mov x22, #0
inner:
  ldr x2, [x20, x22, lsl #3]
  adds x3, x1, x2
  bl conditions
  subs x3, x1, x2
  bl conditions
  adds w3, w1, w2
  bl conditions
  subs w3, w1, w2
  bl conditions
  ands x3, x1, x2
  bl conditions
  bics w3, w1, w2
  bl conditions
  cmp x1, x2
  adcs x3, x1, x2
  bl conditions
  cmn w1, w2
  sbcs w3, w1, w2
  bl conditions
  cmp x1, x2
  ccmp x2, #7, #0b1010, hi
  bl conditions
  cmp w1, w2
  ccmn w2, w1, #0b0101, lt
  bl conditions
  negs x3, x2
  bl conditions
  adds x3, x1, w2, sxtw #2
  bl conditions
  subs w3, w1, w2, uxtb #1
  bl conditions
  tst x1, #0xff00ff00ff00ff00
  bl conditions
  add x22, x22, #1
  cmp x22, #8
  b.ne inner
  add x21, x21, #1
  cmp x21, #8
  b.ne outer
  adr x9, sum
  str x28, [x9]
  mov x0, x28
  and x0, x0, #127
  mov x8, #93
  svc #0

// Mixes all conditions and the flags themselves into x28.
conditions:
  mrs x10, nzcv
  cset x11, eq
  csetm x12, cs
  cinc x13, x11, mi
  cneg x14, x12, vs
  csel x15, x13, x14, hi
  csinv x16, x15, x13, ge
  csneg x17, x16, x12, gt
  csinc w11, w17, w16, ne
  csel w12, w11, w13, cc
  b.pl 1f
  add x12, x12, #3
1: b.vc 2f
  eor x12, x12, x10
2: b.ls 3f
  add x12, x12, #5
3: b.lt 4f
  add x12, x12, #7
4: b.le 5f
  add x12, x12, #11
5: b.al 6f
  brk #2
6: eor x28, x12, x28, ror #7
  add x28, x28, x10, lsr #28
  add x28, x28, x17
  ret

  .p2align 3
values:
  .xword 0, 1, -1, 0x7fffffffffffffff, 0x8000000000000000, 0x80000000, 0x7fffffff, 0x123456789abcdef0
  .data
  .p2align 3
sum: .xword 0
