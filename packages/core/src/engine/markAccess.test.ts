import { expect, test } from 'vitest';
import { RING } from '../base/layout.ts';
import type { Guest, TranslatedBlock } from '../guest/index.ts';
import { bitsOf, type IrBuilder, MARK_BYTES, marksOf, type Value } from '../ir/index.ts';
import { EvaluatorMachine } from './evaluatorMachine.ts';
import type { Machine, MachineOptions } from './machine.ts';
import { createToyGuest, TOY_CODE } from './toyGuest.ts';
import { createMachine } from './wasmMachine.ts';

const MASK = 0xfff;
const MARKS = RING + 0x1000;
const SIZES = [1, 2, 4, 8, 16];
/** In the middle of nowhere, with a tag: marks are no accesses. */
const ADDRESS = 0x1200_0000_5678_1fe0n;

/** Each word is a block of one instruction, which marks an access of so many bytes at r0. */
function markingGuest(kind: 'silent' | 'byByte'): Guest {
  const guest = createToyGuest();
  const [register] = guest.state.registers.filter(({ name }) => name === 'r0');
  return {
    ...guest,
    translateBlock: (ir: IrBuilder, { pc, fetch }): TranslatedBlock => {
      const bytes = fetch(pc) ?? 0;
      ir.terminator = undefined;
      ir.insn(0, bytes);
      ir.markAccess(MARKS, MASK, ir.getReg(register as typeof register) as Value<'i64'>, bytes, kind);
      ir.end({ kind: 'jump', target: pc + 4 });
      return { insns: 1, bytes: 4 };
    },
  };
}

/** Which marks each access sets that has been executed on its own, and what they hold then. */
function marksIn(kind: 'silent' | 'byByte', make: (options: MachineOptions) => Machine): Record<string, number[][]> {
  const machine = make({ guest: markingGuest(kind), syscall: () => 'done' });
  const { space, cpu } = machine;
  space.map(TOY_CODE, 4096, 5);
  space.pokeBytes(TOY_CODE, new Uint8Array(Uint32Array.from(SIZES).buffer));
  const marks = space.memory.bytes.subarray(MARKS, MARKS + MASK + 1);
  const found: Record<string, number[][]> = {};
  for (const [i, bytes] of SIZES.entries()) {
    for (let offset = 0n; offset < 2 * MARK_BYTES; offset++) {
      marks.fill(0);
      cpu.setByName('r0', ADDRESS + offset);
      machine.pc = TOY_CODE + 4 * i;
      machine.run(machine.steps + 1);
      found[`${bytes} at +${offset}`] = Array.from(marks.entries()).filter(([, bits]) => bits !== 0);
    }
  }
  return found;
}

const low = Number(BigInt.asUintN(35, ADDRESS));

function expectedMarks(bitsIn: (address: number, bytes: number, word: number) => number): Record<string, number[][]> {
  const expected: Record<string, number[][]> = {};
  for (const bytes of SIZES)
    for (let offset = 0; offset < 2 * MARK_BYTES; offset++)
      expected[`${bytes} at +${offset}`] = [...marksOf(low + offset, bytes, MASK)]
        .map((mark, word) => [mark, bitsIn(low + offset, bytes, word)])
        .sort(([a], [b]) => a - b);
  return expected;
}

const WAYS: readonly (readonly [string, (options: MachineOptions) => Machine])[] = [
  ['the evaluator', (options) => new EvaluatorMachine(options)],
  ['regions', (options) => createMachine({ ...options, disabled: new Set(['cold-code']) })],
  ['cold code', (options) => createMachine({ ...options, runsUntilHot: 1e9 })],
];

test.each(WAYS)('an access marks all words of which it has bytes, in %s', (_, make) => {
  const expected = expectedMarks(() => 1);
  expect(expected['1 at +7']).toHaveLength(1);
  expect(expected['2 at +7']).toHaveLength(2);
  expect(expected['16 at +8']).toHaveLength(2);
  expect(expected['16 at +1']).toHaveLength(3);
  expect(marksIn('silent', make)).toEqual(expected);
});

test.each(WAYS)('marks that tell bytes have those of short accesses in the first word, and all others, in %s', (_, make) => {
  const expected = expectedMarks((address, bytes, word) => (word === 0 ? bitsOf(address, bytes) : 0xff));
  expect(expected['2 at +2']).toEqual([[expect.any(Number), 0b0000_1100]]);
  expect(marksIn('byByte', make)).toEqual(expected);
});
