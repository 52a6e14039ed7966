import { describe, expect, it } from 'vitest';
import { createAArch64, type InsnClass } from '../guest/index.ts';
import { type CodeFacts, type Selection, selectAll, wishOf } from './selection.ts';
import { BARE_INSN, FLAGS, WHOLE_INSN } from './wish.ts';

const guest = createAArch64();
const LDR = 0xf94007e1;
const ADD = 0x0b000020;

const PROGRAM = ['/bin/prog', 'prog'];
const facts: CodeFacts = {
  state: guest.state,
  namesAt: (pc) => (pc < 0x1100 ? ['main', ...PROGRAM] : pc < 0x2000 ? PROGRAM : ['/usr/lib/libz.so.1.2.13', 'libz.so.1.2.13', 'libz.so.1']),
  mnemonicOf: (_, word) => (word === LDR ? 'ldr' : 'add'),
  classesOf: (word) => guest.insnClasses?.(word) ?? [],
};

function wanted(selection: Partial<Selection>, pc: number, word = LDR): boolean {
  return wishOf({ ...selectAll('values'), ...selection }, facts).wish.insn({ pc, word, bytes: 4 }) !== undefined;
}

describe('a selection', () => {
  it('of everything leaves nothing out', () => {
    const { wish } = wishOf(selectAll('values'), facts);
    expect([wish.isWhole, wish.insn({ pc: 0, word: ADD, bytes: 4 })]).toEqual([true, WHOLE_INSN]);
    expect(wishOf(selectAll('blocks'), facts).wish.insn({ pc: 0, word: ADD, bytes: 4 })).toBe(BARE_INSN);
  });

  it('goes by addresses, functions and files', () => {
    expect([0x1010, 0x1014].map((pc) => wanted({ ranges: [{ start: 0x1000, end: 0x1010 }] }, pc))).toEqual([true, false]);
    expect([0x1000, 0x1200, 0x3000].map((pc) => wanted({ names: ['main'] }, pc))).toEqual([true, false, false]);
    expect([0x1000, 0x3000].map((pc) => wanted({ names: ['libz.so.*'] }, pc))).toEqual([false, true]);
    expect([0x1000, 0x3000].map((pc) => wanted({ names: ['/usr/lib/*'] }, pc))).toEqual([false, true]);
    expect([0x1000, 0x3000].map((pc) => wanted({ withoutNames: ['libz.so.1'] }, pc))).toEqual([true, false]);
    expect([0x1000, 0x1200].map((pc) => wanted({ names: ['prog'], withoutNames: ['main'] }, pc))).toEqual([false, true]);
  });

  it('says which names code has had', () => {
    const { wish, names } = wishOf({ ...selectAll('values'), names: ['main', 'nothing'], insns: ['sub*'] }, facts);
    wish.insn({ pc: 0x1000, word: ADD, bytes: 4 });
    expect(names).toEqual([
      { name: 'main', kind: 'code', isFound: true },
      { name: 'nothing', kind: 'code', isFound: false },
      { name: 'sub*', kind: 'mnemonic', isFound: false },
    ]);
  });

  it('goes by mnemonics and classes, either', () => {
    expect([LDR, ADD].map((word) => wanted({ insns: ['LD*'] }, 0, word))).toEqual([true, false]);
    expect([LDR, ADD].map((word) => wanted({ classes: ['load'] }, 0, word))).toEqual([true, false]);
    expect([LDR, ADD].map((word) => wanted({ insns: ['add'], classes: ['load'] }, 0, word))).toEqual([true, true]);
  });

  it('names registers as gdb does', () => {
    const { wish } = wishOf({ ...selectAll('values'), registers: ['x1?', 'cpsr'] }, facts);
    const { before, after, memory } = wish.insn({ pc: 0, word: ADD, bytes: 4 }) ?? BARE_INSN;
    const index = (name: string): number => guest.state.get(name).index;
    expect(before).toBe(after);
    expect(before.touched).toEqual(new Set([...Array.from({ length: 10 }, (_, i) => index(`x1${i}`)), FLAGS]));
    expect([memory, wish.isWhole]).toEqual(['none', false]);
  });
});

it.each<[number, readonly InsnClass[]]>([
  [0x14000000, ['branch']], // b
  [0xd65f03c0, ['branch']], // ret
  [0x54000001, ['branch']], // b.ne
  [LDR, ['load']],
  [0xa9bf53f3, ['store']], // stp
  [0xc85f7fe5, ['load', 'atomic']], // ldxr
  [0xc8067ff3, ['store', 'atomic']], // stxr
  [0xf8200041, ['load', 'store', 'atomic']], // ldadd
  [0x1e622843, ['fp']], // fadd d3, d2, d2
  [0x4e61d400, ['fp', 'simd']], // fadd v0.2d, v0.2d, v1.2d
  [0x4ea18400, ['simd']], // add v0.4s, v0.4s, v1.4s
  [0x4c407000, ['load', 'simd']], // ld1 {v0.16b}, [x0]
  [0xd4000001, ['syscall']],
  [ADD, []],
])('classes of %i', (word, classes) => {
  expect(guest.insnClasses?.(word)).toEqual(classes);
});
