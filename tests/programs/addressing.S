// Addressing modes of loads and stores.
// build: -nostdlib -static
#include "macros.inc"
.globl _start
_start:
  adr x0, source
  adrp x1, area
  add x1, x1, :lo12:area
  mov x2, #3
  mov w3, #-2
  // immediate offset, scaled and unscaled
  ldr x4, [x0, #8]
  ldr w5, [x0, #12]
  ldrh w6, [x0, #6]
  ldrb w7, [x0, #1]
  ldrsb x8, [x0, #23]
  ldrsb w9, [x0, #23]
  ldrsh x10, [x0, #22]
  ldrsh w11, [x0, #22]
  ldrsw x12, [x0, #20]
  ldur x13, [x0, #3]
  ldur w14, [x0, #5]
  ldursw x15, [x0, #17]
  str x4, [x1, #8]
  str w5, [x1, #20]
  strh w6, [x1, #26]
  strb w7, [x1, #29]
  stur x13, [x1, #33]
  sturb w14, [x1, #41]
  // pre- and post-index
  mov x16, x1
  str x4, [x16, #48]!
  str x5, [x16], #8
  ldr x17, [x16, #-8]!
  ldrb w18, [x16], #-3
  strh w18, [x16, #7]!
  ldrsw x19, [x16], #5
  // register offset, extended and shifted
  ldr x20, [x0, x2]
  ldr x21, [x0, x2, lsl #3]
  add x22, x0, #16
  ldr w23, [x22, w3, sxtw]
  ldr w24, [x22, w3, sxtw #2]
  ldrh w25, [x0, w2, uxtw #1]
  ldrsb x26, [x0, x2, sxtx]
  str w23, [x1, x2, lsl #2]
  // pairs
  stp x20, x21, [x1, #64]
  stp w23, w24, [x1, #80]!
  ldp x27, x28, [x1], #-16
  ldpsw x29, x30, [x1, #16]
  stp x29, x30, [x1, #-16]!
  ldnp x4, x5, [x1]
  stnp x4, x5, [x1, #32]
  // literals
  ldr x6, literal
  ldr w7, literal
  ldrsw x8, literal + 4
  ldr d0, literal
  prfm pldl1keep, [x0]
  // vector registers
  ldr q1, [x0]
  ldr q2, [x0, x2, lsl #4]
  ldr d3, [x0, #8]
  ldr s4, [x0], #4
  ldr h5, [x0, #2]!
  ldr b6, [x0, w2, uxtw]
  stp q1, q2, [x1, #32]
  ldp d7, d8, [x1, #40]
  stp s7, s8, [x1], #8
  str q2, [x1, #16]
  stur q1, [x1, #5]
  ldur q9, [x1, #1]
  // stack
  sub sp, sp, #64
  stp x29, x30, [sp, #16]
  str w6, [sp, #12]
  ldr x9, [sp, #8]
  str q9, [sp, #16]!
  add sp, sp, #16
  adrp x1, area
  add x1, x1, :lo12:area
  mov x2, #256
  mov x0, #1
  mov x8, #64
  svc #0
  leave 0

  .p2align 3
source:
  .byte 0x11, 0x92, 0x13, 0x94, 0x15, 0x96, 0x17, 0x98
  .byte 0xa1, 0x22, 0xa3, 0x24, 0xa5, 0x26, 0xa7, 0x28
  .byte 0x31, 0xb2, 0x33, 0xb4, 0x35, 0xb6, 0x37, 0xb8
  .byte 0xc1, 0x42, 0xc3, 0x44, 0xc5, 0x46, 0xc7, 0x48
  .byte 0x51, 0xd2, 0x53, 0xd4, 0x55, 0xd6, 0x57, 0xd8
  .byte 0xe1, 0x62, 0xe3, 0x64, 0xe5, 0x66, 0xe7, 0x68
  .byte 0x71, 0xf2, 0x73, 0xf4, 0x75, 0xf6, 0x77, 0xf8
  .byte 0x01, 0x82, 0x03, 0x84, 0x05, 0x86, 0x07, 0x88
literal: .xword 0xfedcba9876543210
  .bss
  .p2align 4
area: .skip 256
