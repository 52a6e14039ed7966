// Loops with two entries: control flow that no structured program has.
// build: -nostdlib -static
#include "macros.inc"
.globl _start
_start:
  mov x0, #0
  mov x9, #0
again:
  mov x1, #40
  add x9, x9, #1
  tbz x9, #0, second
first:
  add x0, x0, x1
  eor x0, x0, x0, lsl #3
  sub x1, x1, #1
  cbz x1, out
  tbnz x0, #4, third
second:
  add x0, x0, #17
  subs x1, x1, #1
  b.eq out
  tst x0, #6
  b.eq first
  b.hi fourth
third:
  ror x0, x0, #5
  subs x1, x1, #2
  b.le out
  tbz x0, #1, second
fourth:
  mvn x0, x0
  sub x1, x1, #3
  cmp x1, #0
  b.gt first
out:
  cmp x9, #20
  b.lt again
  and x19, x0, #127
  put text, 7
  mov x0, x19
  mov x8, #93
  svc #0
text: .ascii "looped\n"
