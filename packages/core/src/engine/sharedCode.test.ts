import { expect, it } from 'vitest';
import type { AddressSpace } from './addressSpace.ts';
import type { Machine } from './machine.ts';
import { CodeLayout, SharedCode, SharedCodes } from './sharedCode.ts';
import { createToyGuest, TOY_CODE, TOY_WORDS } from './toyGuest.ts';
import { createMachine } from './wasmMachine.ts';

const READ_EXEC = 5;

/** r0 += step, all over the page; see toyGuest.ts. */
const code = (step: number): Uint8Array => new Uint8Array(new Uint32Array(TOY_WORDS).fill(step).buffer);

function load(space: AddressSpace, step: number, name = '/bin/toy'): void {
  space.map(TOY_CODE, 4096, READ_EXEC, name);
  space.pokeBytes(TOY_CODE, code(step));
}

/** What r0 is after 100 instructions, which are run often enough to become hot. */
function counted(machine: Machine): bigint {
  for (let round = 0; round < 8; round++) {
    machine.cpu.clear();
    machine.pc = TOY_CODE;
    machine.run(machine.steps + 100);
  }
  return machine.cpu.get(machine.guest.state.get('r0'));
}

it.each([[[]], [['cold-code']], [['shared-code']]])('gives each address space the code that it has, without %s', (disabled) => {
  const machine = createMachine({ guest: createToyGuest(), memoryPages: 4096, syscall: () => 'done', disabled: new Set(disabled), runsUntilHot: 5 });
  load(machine.space, 1);
  expect(counted(machine)).toBe(100n);
  const first = machine.space;
  const second = machine.createSpace();
  machine.enter(second);
  load(second, 1);
  expect(counted(machine)).toBe(100n);
  // The same file, changed meanwhile
  load(second, 3);
  expect(counted(machine)).toBe(300n);
  machine.enter(first);
  expect(counted(machine)).toBe(100n);
  // One space's page is written
  machine.enter(second);
  load(second, 1);
  expect(counted(machine)).toBe(100n);
  second.pokeBytes(TOY_CODE, code(2));
  expect(counted(machine)).toBe(200n);
  machine.enter(first);
  expect(counted(machine)).toBe(100n);
});

it('does not run code that another address space has', () => {
  const machine = createMachine({ guest: createToyGuest(), memoryPages: 4096, syscall: () => 'done' });
  load(machine.space, 1);
  counted(machine);
  machine.enter(machine.createSpace());
  machine.cpu.clear();
  machine.pc = TOY_CODE;
  expect(machine.run(machine.steps + 10).kind).toBe('fault');
});

it('keeps code that nobody has, but not all of it', () => {
  const dropped: unknown[] = [];
  const codes = new SharedCodes(
    () => undefined,
    ({ view }) => dropped.push(view),
  );
  const first = codes.take(0, 4096, 'first');
  codes.leave(first);
  expect(codes.take(0, 4096, 'first')).toBe(first);
  codes.leave(first);
  for (let i = 0; i < 128; i++) codes.leave(codes.take(0, 4096, `${i}`));
  expect(dropped).toEqual([first.view]);
  expect(codes.take(0, 4096, 'first')).not.toBe(first);
});

it('finds what is at an address, and the room between', () => {
  const layout = new CodeLayout();
  const [low, high] = [new SharedCode(0x1000, 0x2000, 'low'), new SharedCode(0x4000, 0x5000, 'high')];
  layout.add(high);
  layout.add(low);
  expect(layout.find(0x1ffc)).toBe(low);
  expect(layout.find(0x1ffe)).toBeUndefined();
  expect(layout.find(0x4000)).toBe(high);
  expect(layout.gapAround(0x3000, 0, 0x10000)).toEqual([0x2000, 0x4000]);
  expect(layout.remove(0x1fff, 0x4000)).toEqual([low]);
  expect(layout.find(0x1000)).toBeUndefined();
});
