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
  const machine = createMachine({ guest: readModifyWriteGuest(), memoryPages: 2048, syscall: () => 'done' });
  machine.space.map(TOY_CODE, 4096, 5);
  machine.space.map(TOY_STACK, 4096, 3);
  machine.space.map(TOY_STACK + 4096, 4096, 7);
  machine.cpu.clear();
  machine.cpu.setByName('r0', BigInt(TOY_STACK + 4092));
  machine.pc = TOY_CODE;
  expect(machine.run(3)).toEqual({ kind: 'budget' });
  expect([...(machine.space.kernelRead(TOY_STACK + 4092, 8) as Uint8Array)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0]);
});
