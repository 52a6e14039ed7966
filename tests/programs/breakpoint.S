// BRK: SIGTRAP.
// build: -nostdlib -static
.globl _start
_start:
  mov x0, #7
  brk #0x123
  mov x8, #93
  svc #0
