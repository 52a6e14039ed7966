// A branch to a pointer whose code is not right: SIGSEGV at an address that tells the key.
// cpu: max
// build: -nostdlib -static -Wa,-march=armv8.3-a
// build(Return): -nostdlib -static -Wa,-march=armv8.3-a -DRETURN
// build(Load): -nostdlib -static -Wa,-march=armv8.3-a -DLOAD
.globl _start
_start:
  adr x0, _start
  mov x30, x0
  pacib x0, x1
  eor x0, x0, #0x10
#if defined(RETURN)
  retab
#elif defined(LOAD)
  ldrab x1, [x0]
#else
  brab x0, x1
#endif
