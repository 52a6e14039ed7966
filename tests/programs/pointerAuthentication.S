// Pointers signed, authenticated, stripped and branched to with every key; random numbers of the CPU behind the keys.
// cpu: max
// build: -nostdlib -static -Wa,-march=armv8.5-a+rng
#include "macros.inc"

// Signs x0 = \pointer by key \key under modifier x1, authenticates it, spoils it and authenticates it again.
.macro round key, kind, pointer
  ldr x0, =\pointer
  mov x2, x0
  pac\key x2, x1
  mov x3, x2
  aut\key x3, x1
  cmp x3, x0
  cset w4, eq
  add w20, w20, w4
  add x5, x1, #1
  mov x6, x2
  aut\key x6, x5
  mov x7, x2
  xpac\kind x7
  pac\key x2, x1
  aut\key x2, x1
.endm

.globl _start
_start:
  mov x20, #0
  ldr x1, =0x123456789abcdef0
  .irp pointer, 0x0000005500801234, 0x0000ffffffffffff, 0x5a00005500801234, 0xffff800012345678, 0xff80800012345678, 0x0080000012345678, 0x0055005500801234
  round ia, i, \pointer
  round ib, i, \pointer
  round da, d, \pointer
  round db, d, \pointer
  .endr
  mov x8, #5
  mov x9, sp
  pacga x8, x8, x9
  pacga x9, x8, sp
  mov x17, x0
  mov x16, x1
  pacia1716
  autia1716
  pacib1716
  autib1716
  // Calls and returns
  adr x21, functionA
  pacia x21, sp
  blraa x21, sp
  adr x21, functionB
  pacizb x21
  blrabz x21
  adr x21, 1f
  pacib x21, x1
  brab x21, x1
  brk #1
1: adr x21, 2f
  paciza x21
  braaz x21
  brk #2
2: paciaz
  autiaz
  pacibz
  autibz
  pacibsp
  xpaclri
  // Loads
  adrp x22, words
  add x22, x22, :lo12:words
  pacdza x22
  ldraa x23, [x22, #8]
  ldraa x24, [x22, #16]!
  pacdzb x22
  ldrab x23, [x22, #-8]!
  sub x22, x22, #4096 - 8
  pacdzb x22
  ldrab x25, [x22, #4088]
  mrs x26, rndr
  mrs x27, rndrrs
  b.eq 3f
  mrs x28, rndr
  // New keys, once of one and once of all
3: mov x8, #167
  mov x0, #54
  mov x1, #4
  mov x2, #0
  mov x3, #0
  mov x4, #0
  mov x5, #0
  svc #0
  mov x22, #0
  pacdza x22
  paciza x22
  mov x8, #167
  mov x0, #54
  mov x1, #0
  svc #0
  mov x0, #0
  pacdza x0
  paciza x0
  pacga x1, x1, x0
  mrs x26, rndr
  leave 0

functionA:
  paciasp
  sub sp, sp, #16
  add sp, sp, #16
  retaa
functionB:
  pacibsp
  stp x29, x30, [sp, #-16]!
  ldp x29, x30, [sp], #16
  retab
  .data
  .p2align 4
words: .quad 1, 2, 3, 4
