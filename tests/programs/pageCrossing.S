// Code that runs from one page into the next, and a loop that lies in both.
// build: -nostdlib -static
#include "macros.inc"
.globl _start
_start:
  mov x19, #0
  mov x20, #30
  b loop
  .p2align 12
  .space 4096 - 16
loop:
  add x19, x19, x20
  eor x19, x19, x19, lsl #7
  tbz x20, #0, 1f
  add x19, x19, #3
1: sub x20, x20, #1
  bl other
  cbnz x20, loop
  and x0, x19, #127
  mov x8, #93
  svc #0
  .p2align 12
  .space 4096 - 4
other:
  ror x19, x19, #3
  ret
