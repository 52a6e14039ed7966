// A jump to memory that is not executable, after some calls.
// build: -nostdlib -static
.globl _start
_start:
  mov x0, #0
  bl 1f
  adrp x1, data
  add x1, x1, :lo12:data
  blr x1
  brk #1
1: add x0, x0, #1
  ret
  .data
  .p2align 3
data: .inst 0xd503201f
