// An undefined instruction.
// build: -nostdlib -static
.globl _start
_start:
  mov x0, #7
  cmp x0, #9
  .inst 0x00000000
  mov x8, #93
  svc #0
