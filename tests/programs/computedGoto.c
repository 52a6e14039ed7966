/* A small interpreter with computed goto.
   build: -O2 -nostdlib -static */
#include "freestanding.h"

enum { PUSH, ADD, MUL, DUP, SWAP, DEC, JNZ, POP, STOP };

static const int8_t program[] = {PUSH, 1, PUSH, 40, SWAP, PUSH, 3, MUL, PUSH, 1, ADD, SWAP, DEC, DUP, JNZ, -11, POP, STOP};

int main(int argc, char **argv) {
  (void)argv;
  static void *const targets[] = {&&push, &&add, &&mul, &&dup, &&swap, &&dec, &&jnz, &&pop, &&stop};
  uint64_t stack[16], *sp = stack, t;
  const int8_t *pc = program;
  *++sp = argc;
#define NEXT goto *targets[*pc++]
  NEXT;
push: *++sp = (uint64_t)*pc++; NEXT;
add: sp--; *sp += sp[1]; NEXT;
mul: sp--; *sp *= sp[1]; NEXT;
dup: sp++; *sp = sp[-1]; NEXT;
swap: t = *sp; *sp = sp[-1]; sp[-1] = t; NEXT;
dec: --*sp; NEXT;
jnz: pc += *sp-- ? *pc : 1; NEXT;
pop: sp--; NEXT;
stop:
  print("result", *sp);
  return 0;
}
