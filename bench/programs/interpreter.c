/* An interpreter with computed goto that counts primes, and one with a switch that runs the same program.
   kind: dispatch
   build: -O2 -static -fno-gcse */
#include <stdint.h>
#include <stdio.h>

enum { SET, MOVE, ADDI, MULT, SUBT, MODU, JUMP, JZ, JGT, HALT };
typedef struct { uint8_t op, a, b; int32_t c; } instruction;

/* r0 candidate, r1 divisor, r2 square, r3 remainder, r4 count, r5 limit */
static const instruction program[] = {
    {SET, 0, 0, 2},  {SET, 4, 0, 0},  {SET, 5, 0, 60000},
    {SET, 1, 0, 2},                                              /* 3: next candidate */
    {MOVE, 2, 1, 0}, {MULT, 2, 1, 0}, {JGT, 2, 0, 11},           /* 4: divisor squared above candidate: prime */
    {MOVE, 3, 0, 0}, {MODU, 3, 1, 0}, {JZ, 3, 0, 12},
    {ADDI, 1, 0, 1}, /* 10, falls to a jump below */
    {ADDI, 4, 0, 1},                                             /* 11: prime */
    {ADDI, 0, 0, 1}, {JGT, 0, 5, 15}, {JUMP, 0, 0, 3},           /* 12: next */
    {HALT, 0, 0, 0},
};
static instruction fixed[sizeof program / sizeof *program + 1];

__attribute__((noinline)) static int64_t run_goto(const instruction *code) {
  static void *const targets[] = {&&set, &&move, &&addi, &&mult, &&subt, &&modu, &&jump, &&jz, &&jgt, &&halt};
  int64_t r[8] = {0};
  const instruction *p = code;
#define NEXT goto *targets[p->op]
  NEXT;
set: r[p->a] = p->c; p++; NEXT;
move: r[p->a] = r[p->b]; p++; NEXT;
addi: r[p->a] += p->c; p++; NEXT;
mult: r[p->a] *= r[p->b]; p++; NEXT;
subt: r[p->a] -= r[p->b]; p++; NEXT;
modu: r[p->a] %= r[p->b]; p++; NEXT;
jump: p = code + p->c; NEXT;
jz: p = r[p->a] == 0 ? code + p->c : p + 1; NEXT;
jgt: p = r[p->a] > r[p->b] ? code + p->c : p + 1; NEXT;
halt: return r[4];
}

__attribute__((noinline)) static int64_t run_switch(const instruction *code) {
  int64_t r[8] = {0};
  for (const instruction *p = code;;) switch (p->op) {
      case SET: r[p->a] = p->c; p++; break;
      case MOVE: r[p->a] = r[p->b]; p++; break;
      case ADDI: r[p->a] += p->c; p++; break;
      case MULT: r[p->a] *= r[p->b]; p++; break;
      case SUBT: r[p->a] -= r[p->b]; p++; break;
      case MODU: r[p->a] %= r[p->b]; p++; break;
      case JUMP: p = code + p->c; break;
      case JZ: p = r[p->a] == 0 ? code + p->c : p + 1; break;
      case JGT: p = r[p->a] > r[p->b] ? code + p->c : p + 1; break;
      default: return r[4];
    }
}

int main(void) {
  /* A jump back behind the divisor's step moves what follows by one. */
  int n = 0;
  for (unsigned i = 0; i < sizeof program / sizeof *program; i++) {
    fixed[n] = program[i];
    if (fixed[n].op >= JUMP && fixed[n].op <= JGT && fixed[n].c > 10) fixed[n].c++;
    n++;
    if (i == 10) fixed[n++] = (instruction){JUMP, 0, 0, 4};
  }
  int64_t count = 0;
  for (int round = 0; round < 16; round++) count += run_goto(fixed) + run_switch(fixed);
  printf("%ld\n", count);
  return 0;
}
