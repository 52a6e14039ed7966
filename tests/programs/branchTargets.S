// Indirect branches in guarded pages: to the instructions made for them, and, in each variant, to one that is not.
// cpu: max
// build: -nostdlib -static -Wa,-march=armv8.5-a
// build(CallToNothing): -nostdlib -static -Wa,-march=armv8.5-a -DMISTAKE=1
// build(CallToJump): -nostdlib -static -Wa,-march=armv8.5-a -DMISTAKE=2
// build(JumpToCall): -nostdlib -static -Wa,-march=armv8.5-a -DMISTAKE=3
// build(JumpToSign): -nostdlib -static -Wa,-march=armv8.5-a -DMISTAKE=4
// build(JumpToLanding): -nostdlib -static -Wa,-march=armv8.5-a -DMISTAKE=5
// build(Mapped): -nostdlib -static -Wa,-march=armv8.5-a -DMISTAKE=6
// build(JumpToUndefined): -nostdlib -static -Wa,-march=armv8.5-a -DMISTAKE=7
#include "macros.inc"
#ifndef MISTAKE
#define MISTAKE 0
#endif
#define PAGE 4096
#define PROT_GUARDED 0x10

  .section .note.gnu.property, "a"
  .p2align 3
  .word 4, 16, 5
  .asciz "GNU"
  .word 0xc0000000, 4, 1, 0
  .text
.globl _start
_start:
  mov x20, #50
  // Many times, so that the code gets hot.
1: adr x1, callTarget
  blr x1
  adr x1, signTarget
  blr x1
  adr x1, anyTarget
  blr x1
  adr x16, jumpOfCall
  br x16
back1:
  adr x1, jumpTarget
  br x1
back2:
  adr x17, signedTarget
  br x17
back3:
  adr x1, anyJump
  br x1
back4:
  adr x1, breakpointless
  bl breakpointless
  subs x20, x20, #1
  b.ne 1b
#if MISTAKE == 1
  adr x1, plain
  blr x1
#elif MISTAKE == 2
  adr x1, jumpTarget
  blr x1
#elif MISTAKE == 3
  adr x1, callTarget
  br x1
#elif MISTAKE == 4
  adr x1, signTarget
  br x1
#elif MISTAKE == 5
  adr x16, landing
  br x16
#elif MISTAKE == 7
  adr x1, nothing
  br x1
#endif
  // A page of one's own: first without guard, then with it, then without.
  mov x0, #0
  mov x1, #PAGE
  mov x2, #3
  mov x3, #0x22
  mov x4, #-1
  mov x5, #0
  mov x8, #222
  svc #0
  mov x21, x0
  ldr w1, plain
  ldr w2, plain + 4
  stp w1, w2, [x21]
  mov x2, #5
  bl protect
#if MISTAKE != 6
  // QEMU 7.2 keeps what it translated before a page is guarded.
  blr x21
#endif
  // From a page without guard any register jumps as to a function.
  adr x1, callTarget
  adr x30, 2f
2: cbz x30, 3f
  mov x2, #5 | PROT_GUARDED
  bl protect
#if MISTAKE == 6
  blr x21
#endif
3: mov x2, #5
  bl protect
  blr x21
  mov x2, #3 | PROT_GUARDED
  bl protect
  mov x2, #5 | 0x40
  bl protect
  leave 0

protect:
  mov x0, x21
  mov x1, #PAGE
  mov x8, #226
  svc #0
  ret
plain:
  add x22, x22, #1
  ret
callTarget:
  bti c
  ret
signTarget:
  paciasp
  autiasp
  ret
anyTarget:
  bti jc
  ret
jumpOfCall:
  bti c
  b back1
jumpTarget:
  bti j
  b back2
signedTarget:
  pacibsp
  autibsp
  b back3
anyJump:
  bti jc
  b back4
breakpointless:
  ret
landing:
  bti
  ret
nothing:
  .inst 0
