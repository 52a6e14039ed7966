// A stack frame of variable size: behind `sub sp, sp, x0`, accesses at constant distances from the frame pointer lie in
// the block that has made the constant part of the frame.
// build: -nostdlib -static
#include "macros.inc"
.globl _start
_start:
  mov x20, #40
again:
  mov x0, x20
  lsl x0, x0, #4
  bl frame
  subs x20, x20, #1
  b.ne again
  cmp x19, #820
  b.ne bad
  leave 0
bad:
  leave 1

// Adds x20 to x19 by way of a slot of its frame, in x0 bytes below it zeroes.
frame:
  stp x29, x30, [sp, #-0x60]!
  mov x29, sp
  stp x19, x20, [sp, #0x10]
  sub sp, sp, #0x1e0
  sub sp, sp, x0
  stur x20, [x29, #-8]
  str xzr, [sp]
  bl clear
  ldur x1, [x29, #-8]
  add x19, x19, x1
  mov sp, x29
  ldr x2, [sp, #0x18]
  ldp x29, x30, [sp], #0x60
  ret

clear:
  mov x1, sp
1: str xzr, [x1], #8
  subs x0, x0, #8
  b.ne 1b
  ret
