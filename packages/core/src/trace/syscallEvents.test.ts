import { expect, it } from 'vitest';
import { CpuState, createLinearMemory } from '../engine/index.ts';
import { createToyGuest } from '../engine/toyGuest.ts';
import { EVENT_HEADER, readEvent, type TraceEvent } from './events.ts';
import { createRingControl, RingDrain, RingWriter } from './ring.ts';
import { SyscallEvents } from './syscallEvents.ts';

const ABI = { syscallNumber: 'r7', syscallArguments: ['r0', 'r1'], syscallResult: 'r0' };

/** What is in the ring when system calls have been told of. */
function eventsOf(use: (calls: SyscallEvents, cpu: CpuState) => void): TraceEvent[] {
  const { state } = createToyGuest();
  const memory = createLinearMemory(1024);
  const control = createRingControl();
  const ring = new RingWriter(memory, control, () => expect.unreachable());
  ring.next();
  const cpu = new CpuState(state, memory);
  use(new SyscallEvents({ state, abi: ABI, memory, ring, makeRoom: () => ring.next() }), cpu);
  ring.end('exit');
  const events: TraceEvent[] = [];
  const drain = new RingDrain(memory.memory.buffer, control);
  const take = (records: Uint8Array): void => {
    const view = new DataView(records.buffer, records.byteOffset, records.length);
    for (let at = 0; at < records.length; ) {
      const end = at + EVENT_HEADER + view.getUint32(at + 4, true);
      events.push(readEvent(view.getUint32(at, true), records.subarray(at + EVENT_HEADER, end)));
      at = end;
    }
  };
  while (drain.take(take)) {}
  return events;
}

const registers = createToyGuest().state;
const change = (name: string, ...words: number[]) => ({ register: registers.get(name).index, words });
const BIG = 0x8765_4321_0fed_cba9n;

it('tells of a call as events do', () => {
  const events = eventsOf((calls, cpu) => {
    cpu.setByName('r7', 64n);
    cpu.setByName('r0', BIG);
    cpu.setByName('r1', 3n);
    calls.enter();
    calls.wrote(0x1_0000_0004, Uint8Array.of(1, 2, 3, 4, 5));
    calls.leave(-14n, 0x55_0000_0008);
    calls.enter();
    // Nothing but the registers tells how it went.
    cpu.setByName('r0', 7n);
    cpu.setByName('r3', BIG);
    calls.leave(undefined, 0x4000);
    calls.enter();
    calls.leave(undefined, 0x4004);
  });
  expect(events).toEqual([
    { kind: 'syscall', number: 64, args: [BIG, 3n] },
    { kind: 'kernelWrite', address: 0x1_0000_0004, data: Uint8Array.of(1, 2, 3, 4, 5) },
    { kind: 'syscallResult', result: BigInt.asUintN(64, -14n), pc: 0x55_0000_0008, changes: [change('r0', -14, -1)] },
    { kind: 'syscall', number: 64, args: [BIG, 3n] },
    { kind: 'syscallResult', result: 7n, pc: 0x4000, changes: [change('r0', 7, 0), change('r3', 0x0fed_cba9, 0x8765_4321 | 0)] },
    { kind: 'syscall', number: 64, args: [7n, 3n] },
  ]);
});

it('splits what the kernel writes, also among chunks', () => {
  const data = Uint8Array.from({ length: 3_000_001 }, (_, i) => i >> 7);
  const events = eventsOf((calls) => calls.wrote(0x10_0000, data));
  expect(events.length).toBe(Math.ceil(data.length / 0x8000));
  let at = 0;
  for (const event of events) {
    if (event.kind !== 'kernelWrite') return expect.unreachable();
    expect(event.address).toBe(0x10_0000 + at);
    expect(event.data.every((byte, i) => byte === data[at + i])).toBe(true);
    at += event.data.length;
  }
  expect(at).toBe(data.length);
});

// A thread that waits in a call sees what another left of the copy, which may be what it gets itself.
it('tells what has changed since the state was told, whoever ran meanwhile', () => {
  const events = eventsOf((calls, cpu) => {
    calls.enter();
    cpu.setByName('r3', 9n);
    calls.enter();
    cpu.setByName('r3', 0n);
    calls.told();
    cpu.setByName('r3', 9n);
    calls.leave(0n, 0);
  });
  expect(events.at(-1)).toMatchObject({ changes: [change('r3', 9, 0), change('r0', 0, 0)] });
});
