import { expect, it } from 'vitest';
import type { Guest } from '../guest/index.ts';
import type { Register } from '../ir/index.ts';
import { LARGE_ARENA_CHUNK, LARGE_ARENA_ENTRIES } from './linearMemory.ts';
import { createToyGuest, TOY_CODE, TOY_STACK } from './toyGuest.ts';
import { createMachine } from './wasmMachine.ts';

/** A toy guest whose only instruction adds 1 to the words at r0 and r1, and then goes on to itself. */
function addingGuest(): Guest {
  const guest = createToyGuest();
  const [r0, r1] = ['r0', 'r1'].map((wanted) => guest.state.registers.find(({ name }) => name === wanted) as Register<'i64'>) as [
    Register<'i64'>,
    Register<'i64'>,
  ];
  return {
    ...guest,
    translateBlock: (ir, { pc }) => {
      ir.terminator = undefined;
      ir.insn(0, 0);
      for (const register of [r0, r1]) ir.i64_store(ir.getReg(register), ir.i64_add(ir.i64_load(ir.getReg(register)), ir.i64_const(1)));
      ir.end({ kind: 'jump', target: pc });
      return { insns: 1, bytes: 4 };
    },
  };
}

const SIZE = 2 * LARGE_ARENA_CHUNK;
/** Its chunks have the entries of the first's. */
const OTHER = TOY_STACK + LARGE_ARENA_CHUNK * LARGE_ARENA_ENTRIES;

// Cold, so that each access looks into the tables; hot, so that slots are refilled from them.
it.each([undefined, 4])('tells large arenas apart whose chunks have the same entry (runs until hot: %s)', (runsUntilHot) => {
  const machine = createMachine({ guest: addingGuest(), memoryPages: 4096, syscall: () => 'done', ...(runsUntilHot === undefined ? {} : { runsUntilHot }) });
  const { space } = machine;
  space.map(TOY_CODE, 4096, 5);
  space.map(TOY_STACK, SIZE, 3);
  space.map(OTHER, SIZE, 3);
  machine.cpu.clear();
  const word = (at: number): number => new DataView((space.kernelRead(at, 4) as Uint8Array).slice().buffer).getUint32(0, true);
  const run = (r0: number, r1: number, steps: number): unknown => {
    machine.cpu.setByName('r0', BigInt(r0));
    machine.cpu.setByName('r1', BigInt(r1));
    machine.pc = TOY_CODE;
    return machine.run(machine.steps + steps);
  };
  expect(run(TOY_STACK, OTHER, 50)).toEqual({ kind: 'budget' });
  expect([word(TOY_STACK), word(OTHER)]).toEqual([50, 50]);
  // The last word, and one that runs over the end.
  expect(run(TOY_STACK + SIZE - 8, OTHER, 1)).toEqual({ kind: 'budget' });
  expect(run(OTHER, TOY_STACK + SIZE - 4, 1)).toMatchObject({ kind: 'fault', address: BigInt(TOY_STACK + SIZE) });
  // What is gone is in no table.
  space.unmap(OTHER, SIZE);
  expect(run(TOY_STACK, OTHER, 1)).toMatchObject({ kind: 'fault', address: BigInt(OTHER) });
});
