import { createMachine, type Machine } from '../../engine/index.ts';
import { createAArch64 } from '../../guest/index.ts';
import { createRingControl, RingDrain } from '../ring.ts';
import type { TraceSink } from '../sink.ts';
import { Tracer } from '../tracer.ts';
import type { Wish } from '../wish.ts';

export const SAMPLE_CODE = 0x40_0000;
export const SAMPLE_STACK = 0x55_0080_0000;

/** The sample program: words and how Capstone words them. */
export const SAMPLE: readonly (readonly [word: number, text: string])[] = [
  [0xd28000b3, 'movz x19, #5'],
  [0x2b130262, 'adds w2, w19, w19'],
  [0xf94007e1, 'ldr x1, [sp, #8]'],
  [0x390043e1, 'strb w1, [sp, #0x10]'],
  [0x398043e3, 'ldrsb x3, [sp, #0x10]'],
  [0xad4007e0, 'ldp q0, q1, [sp]'],
  [0xa9bf53f3, 'stp x19, x20, [sp, #-0x10]!'],
  [0x1e6f1002, 'fmov d2, #1.50000000'],
  [0x1e622843, 'fadd d3, d2, d2'],
  [0xf100167f, 'cmp x19, #5'],
  [0xfa440a62, 'ccmp x19, #4, #2, eq'],
  [0x1a9f97e4, 'cset w4, hi'],
  [0xc85f7fe5, 'ldxr x5, [sp]'],
  [0xc8067ff3, 'stxr w6, x19, [sp]'],
  [0xc8077ff3, 'stxr w7, x19, [sp]'],
  [0x94000003, 'bl #0x400048'],
  [0xd4000001, 'svc #0'],
  [0xf9400109, 'ldr x9, [x8]'],
  [0xd65f03c0, 'ret '],
];

export const sampleGuest = createAArch64;

export const sampleDisassembly = (_: number, word: number): string => SAMPLE.find(([each]) => each === word >>> 0)?.[1] ?? '.word ';

/** The kernel of the sample: read() of three bytes to the stack. */
function read(machine: Machine): bigint {
  machine.space.kernelWrite(SAMPLE_STACK - 32, Uint8Array.of(0x61, 0x62, 0x0a));
  return 3n;
}

/**
 * Runs the sample traced, until it faults at the end, and drains it into `sink` in this agent.
 * @param wish see TracerOptions
 */
export function traceSample(sink: TraceSink, wish?: Wish): void {
  const guest = sampleGuest();
  const control = createRingControl();
  let drain: RingDrain | undefined;
  const take = (): boolean => drain?.take((records) => sink.records(records)) === true;
  const tracer = new Tracer({
    state: guest.state,
    abi: guest.linux,
    control,
    send: (definitions) => sink.define(definitions),
    wait: () => void take(),
    symbolize: (pc) => (pc < SAMPLE_CODE + 0x48 ? { name: '_start', offset: pc - SAMPLE_CODE } : undefined),
    wish,
  });
  const machine = createMachine({
    guest,
    memoryPages: 4096,
    hooks: tracer.hooks,
    syscall: ({ cpu }) => {
      tracer.enterSyscall();
      const result = read(machine);
      tracer.leaveSyscall(result);
      cpu.setByName('x0', result);
      return 'done';
    },
  });
  drain = new RingDrain(machine.space.memory.memory.buffer, control);
  machine.space.map(SAMPLE_CODE, 4096, 5);
  machine.space.map(SAMPLE_STACK - 8192, 8192, 3);
  machine.space.pokeBytes(SAMPLE_CODE, new Uint8Array(Uint32Array.from(SAMPLE, ([word]) => word).buffer));
  machine.space.pokeBytes(
    SAMPLE_STACK - 64,
    Uint8Array.from({ length: 64 }, (_, i) => 0xf0 + i),
  );
  machine.cpu.clear();
  for (const [name, value] of guest.initialRegisters(SAMPLE_CODE, SAMPLE_STACK - 64)) machine.cpu.setByName(name, value);
  machine.cpu.setByName('x8', 63n);
  machine.cpu.setByName('x20', 0xfeed_0000_0000_0020n);
  machine.pc = SAMPLE_CODE;
  tracer.attach(machine);
  tracer.open();
  tracer.ranUntil(machine.run());
  tracer.close('fault');
  while (take()) {}
  sink.end('fault');
}
