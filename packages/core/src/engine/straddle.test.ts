import { expect, it } from 'vitest';
import type { Guest } from '../guest/index.ts';
import { FlagKind } from '../ir/index.ts';
import { createToyGuest, TOY_CODE, TOY_STACK } from './toyGuest.ts';
import { createMachine } from './wasmMachine.ts';

/** A toy guest whose only instruction loads and stores at r0, as an atomic does, and then goes on to itself. */
function readModifyWriteGuest(): Guest {
  const guest = createToyGuest();
  const r0 = guest.state.registers.find(({ name }) => name === 'r0') as (typeof guest.state.flags)['a'];
  return {
    ...guest,
    translateBlock: (ir, { pc }) => {
      ir.terminator = undefined;
      ir.insn(0, 0);
      const address = ir.getReg(r0);
      const value = ir.i64_load(address);
      ir.i64_store(address, ir.i64_add(value, ir.i64_const(1)));
      ir.setFlags(FlagKind.LOGIC64, value, ir.i64_const(0));
      ir.end({ kind: 'jump', target: pc + 4 });
      return { insns: 1, bytes: 4 };
    },
  };
}

// Both accesses share a check; where that fails the instruction runs by itself, and must not share one again.
it('an instruction that reads and writes across two arenas does not run for ever', () => {
  const machine = createMachine({ guest: readModifyWriteGuest(), memoryPages: 4096, syscall: () => 'done' });
  machine.space.map(TOY_CODE, 4096, 5);
  machine.space.map(TOY_STACK, 4096, 3);
  machine.space.map(TOY_STACK + 4096, 4096, 7);
  machine.cpu.clear();
  machine.cpu.setByName('r0', BigInt(TOY_STACK + 4092));
  machine.pc = TOY_CODE;
  expect(machine.run(3)).toEqual({ kind: 'budget' });
  expect([...(machine.space.kernelRead(TOY_STACK + 4092, 8) as Uint8Array)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0]);
});

/** A toy guest whose only instruction adds 1 to the word 8 bytes above r0, and to that 8 bytes below, and then goes on to itself. */
function displacedGuest(): Guest {
  const guest = createToyGuest();
  const r0 = guest.state.registers.find(({ name }) => name === 'r0') as (typeof guest.state.flags)['a'];
  const r1 = guest.state.registers.find(({ name }) => name === 'r1') as (typeof guest.state.flags)['a'];
  return {
    ...guest,
    translateBlock: (ir, { pc }) => {
      ir.terminator = undefined;
      for (const [n, register] of [r0, r1].entries()) {
        ir.insn(n, 0);
        const address = ir.i64_add(ir.getReg(register), ir.i64_const(n === 0 ? 8 : -8));
        ir.i64_store(address, ir.i64_add(ir.i64_load(address), ir.i64_const(1)));
      }
      ir.end({ kind: 'jump', target: pc });
      return { insns: 2, bytes: 8 };
    },
  };
}

// The slot of a check has its access's displacement in it; those that straddle go through the bounce buffer by its delta.
it('accesses at a distance from a register straddle arenas, and meet the next one', () => {
  for (const option of ['', 'access-groups', 'loop-slots', 'cold-code']) {
    const disabled = new Set(option === '' ? [] : [option, 'cold-code', 'access-groups']);
    const machine = createMachine({ guest: displacedGuest(), memoryPages: 4096, disabled, syscall: () => 'done' });
    machine.space.map(TOY_CODE, 4096, 5);
    machine.space.map(TOY_STACK, 4096, 3);
    machine.space.map(TOY_STACK + 4096, 4096, 7);
    machine.cpu.clear();
    let steps = 0;
    for (const [at, rounds] of [
      [4084, 4],
      [4000, 3],
      [4084, 2],
    ] as const) {
      machine.cpu.setByName('r0', BigInt(TOY_STACK + at));
      machine.cpu.setByName('r1', BigInt(TOY_STACK + at + 32));
      machine.pc = TOY_CODE;
      steps += 2 * rounds;
      expect(machine.run(steps)).toEqual({ kind: 'budget' });
    }
    const word = (at: number): number => new DataView((machine.space.kernelRead(TOY_STACK + at, 8) as Uint8Array).slice().buffer).getUint32(0, true);
    expect([word(4092), word(4108), word(4008), word(4024)]).toEqual([6, 6, 3, 3]);
  }
});
