// System registers of EL0, hints, barriers and cache instructions.
// build: -nostdlib -static
#include "macros.inc"
.globl _start
_start:
  mrs x0, nzcv
  mov x1, #0xf0000000
  msr nzcv, x1
  mrs x2, nzcv
  mrs x3, fpcr
  mov x4, #0x00c00000
  msr fpcr, x4
  mrs x5, fpcr
  msr fpcr, xzr
  mrs x6, fpsr
  mov x7, #0x9f
  msr fpsr, x7
  mrs x8, fpsr
  mrs x9, tpidr_el0
  mov x10, #0x1234
  msr tpidr_el0, x10
  mrs x11, tpidr_el0
  mrs x12, tpidrro_el0
  mrs x13, ctr_el0
  mrs x14, dczid_el0
  mrs x20, cntfrq_el0
  // What Linux lets programs read of the identification registers; those not in use are zero.
  mrs x20, midr_el1
  mrs x20, mpidr_el1
  mrs x20, revidr_el1
  .irp crm, 4, 5, 6, 7
  .irp op2, 0, 1, 2, 3, 4, 5, 6, 7
  mrs x20, s3_0_c0_c\crm\()_\op2
  .endr
  .endr
  nop
  yield
  hint #7
  hint #25
  hint #34
  dmb ish
  dsb sy
  isb
  clrex
  adr x15, area
  mov x16, #-1
  mov x17, #32
1: str x16, [x15], #8
  subs x17, x17, #1
  b.ne 1b
  adrp x15, area
  add x15, x15, :lo12:area
  add x15, x15, #70
  dc zva, x15
  dc cvau, x15
  dc civac, x15
  ic ivau, x15
  dsb ish
  isb
  adrp x15, area
  add x15, x15, :lo12:area
  mov x0, #1
  mov x1, x15
  mov x2, #256
  mov x8, #64
  svc #0
  leave 0
  .data
  .p2align 8
area: .skip 256
