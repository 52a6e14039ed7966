// Compare-and-branch, test-and-branch, branches far and near, calls and returns through other registers.
// build: -nostdlib -static
#include "macros.inc"
.globl _start
_start:
  mov x19, #0
  mov x20, #50
1: cbz w20, 2f
  tbz x20, #2, 3f
  tbnz w20, #0, 4f
  add x19, x19, #1
  b 5f
3: add x19, x19, x20
  bl near
  b 5f
4: adr x9, away
  blr x9
  adr x10, 6f
  br x10
  brk #1
5: sub x20, x20, #1
  cbnz x20, 1b
2: adr x16, 7f
  mov x17, x30
  ret x16
  brk #1
6: sub x20, x20, #1
  b 1b
7: b distant
near:
  eor x19, x19, #0x40
  ret
away:
  mov x11, x30
  bl near
  add x19, x19, #3
  ret x11
  .space 70000
distant:
  and x0, x19, #127
  mov x8, #93
  svc #0
