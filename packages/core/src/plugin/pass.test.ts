import { describe, expect, it } from 'vitest';
import { createMachine, type Machine, type MachineOptions } from '../engine/index.ts';
import { createToyGuest, TOY_CODE, TOY_DATA, TOY_STACK, TOY_WORDS } from '../engine/toyGuest.ts';
import type { Guest } from '../guest/index.ts';
import type { Kernel } from '../linux/index.ts';
import { createRingControl, RingDrain, TraceHash, TraceReader, Tracer, type Wish, wholeWish } from '../trace/index.ts';
import { pcWish } from '../trace/testing/pcWish.ts';
import { Random } from '../trace/testing/randomBlock.ts';
import type { Plugin, PluginApi } from './api.ts';
import { PluginHost } from './host.ts';
import { RowKind } from './rows.ts';

const STEPS = 3000;
const DATA_BYTES = 0x3000;

/** A random program of the toy guest's, the same for each seed. */
function load(machine: Machine, seed: number): void {
  const random = new Random(seed * 2654435761 + 1);
  const code = new Uint32Array(TOY_WORDS);
  for (let i = 0; i < TOY_WORDS; i++) code[i] = ((random.below(0x1000_0000) & 0x0fff_ffff) | (random.below(13) << 28)) >>> 0;
  machine.space.map(TOY_CODE, 4096, 5);
  machine.space.map(TOY_DATA, DATA_BYTES, 3);
  machine.space.map(TOY_STACK, 0x2000, 3);
  machine.space.pokeBytes(TOY_CODE, new Uint8Array(code.buffer));
  machine.cpu.clear();
  for (let i = 0; i < 8; i++) machine.cpu.setByName(`r${i}`, BigInt(random.below(0x7fff_ffff)) * 0x1_2345n);
  machine.cpu.setByName('sp', BigInt(TOY_STACK + 0x1000));
  machine.cpu.setByName('lr', BigInt(TOY_CODE + random.below(TOY_WORDS) * 4));
  machine.pc = TOY_CODE;
}

const syscall = (): 'done' => 'done';

/** What a run comes to. */
function stateOf(machine: Machine): unknown {
  const registers = machine.guest.state.registers.filter(({ visible }) => visible).map((r) => `${r.name}=${machine.cpu.get(r).toString(16)}`);
  return { steps: machine.steps, pc: machine.pc, nzcv: machine.cpu.nzcv, registers, data: machine.space.peek(TOY_DATA, DATA_BYTES) };
}

/** A tracer, and what its trace comes to. */
function traced(guest: Guest, wish: Wish, hasPlugins: boolean): { readonly tracer: Tracer; attach(machine: Machine): void; digest(): string } {
  const control = createRingControl();
  const reader = new TraceReader(guest.state);
  const hash = new TraceHash(reader);
  let drain: RingDrain | undefined;
  const take = (): boolean => drain?.take((records) => reader.read(records, hash)) === true;
  const tracer = new Tracer({
    state: guest.state,
    abi: { syscallNumber: 'r7', syscallArguments: ['r0'], syscallResult: 'r0' },
    control,
    send: (definitions) => reader.define(definitions),
    wait: () => void take(),
    wish,
    hasPlugins,
  });
  return {
    tracer,
    attach: (machine) => {
      drain = new RingDrain(machine.space.memory.memory.buffer, control);
      tracer.attach(machine);
    },
    digest: () => {
      tracer.close('exit');
      while (take()) {}
      return `${hash.insns} ${hash.digest}`;
    },
  };
}

/** What the trace of a run without plugins comes to. */
function plainTrace(seed: number, options: Partial<MachineOptions>, wish: Wish): string {
  const guest = createToyGuest();
  const { tracer, attach, digest } = traced(guest, wish, false);
  const machine = createMachine({ guest, memoryPages: 4096, syscall, hooks: tracer.hooks, ...options });
  load(machine, seed);
  attach(machine);
  tracer.open();
  tracer.ranUntil(machine.run(STEPS));
  return digest();
}

function plainRun(seed: number): unknown {
  const machine = createMachine({ guest: createToyGuest(), memoryPages: 4096, syscall });
  load(machine, seed);
  machine.run(STEPS);
  return stateOf(machine);
}

/** Runs the program with a plugin, in slices. With a trace beside it, that is as without the plugin. */
function pluginRun(seed: number, { wish, ...options }: Mode, install: (api: PluginApi) => void): { machine: Machine; host: PluginHost; failures: string[] } {
  const failures: string[] = [];
  const guest = createToyGuest();
  const host = new PluginHost({
    guest,
    argv: ['toy'],
    symbols: { readFile: () => undefined, decompress: () => undefined, demangle: (name) => name, warn: () => undefined },
    disassemble: (_, word) => word.toString(16),
    output: () => undefined,
    openFile: () => ({ write: () => undefined, close: () => undefined }),
    meet: () => {
      throw new Error('there is no other');
    },
    report: (message) => failures.push(message),
  });
  const trace = wish && traced(guest, wish, true);
  const { ringFull: _, ...ofBlocks } = host.hooks;
  const hooks = trace === undefined ? host.hooks : { ...trace.tracer.hooks, ...ofBlocks };
  const machine = createMachine({ guest, memoryPages: 4096, syscall, hooks, firstSlice: 100, ...options });
  load(machine, seed);
  trace?.attach(machine);
  const process = { pid: 1, programPath: 'toy', program: {}, mappings: { ranges: () => [] } };
  host.attach(machine, { current: { process, tid: 1 }, events: {}, observers: [] } as unknown as Kernel, trace?.tracer);
  const plugin: Plugin = { apiVersion: 1, name: 'test', install };
  host.install(plugin, []);
  host.start();
  trace?.tracer.open();
  for (let until = 0; until < STEPS; ) {
    until = Math.min(until + 700, STEPS);
    const event = machine.run(until);
    trace?.tracer.ranUntil(event);
    if (event.kind !== 'budget') break;
  }
  host.finish();
  if (wish !== undefined) expect({ seed, trace: trace?.digest() }).toEqual({ seed, trace: plainTrace(seed, options, wish) });
  return { machine, host, failures };
}

type Mode = Partial<MachineOptions> & { readonly wish?: Wish };

const MODES: readonly (readonly [string, Mode])[] = [
  ['regions', {}],
  ['one instruction a block', { oneInsnPerBlock: true }],
  ['no chaining', { noChain: true }],
  ['no shared checks', { disabled: new Set(['access-groups', 'stack-frame', 'loop-slots']) }],
  ['beside a trace', { wish: wholeWish() }],
  ['beside a trace of some instructions', { wish: pcWish((pc) => pc % 32 < 12) }],
];

describe.each(MODES)('plugins of random programs: %s', (_, options) => {
  it('count each instruction once that completes, and change nothing', () => {
    for (let seed = 0; seed < (options.wish === undefined ? 8 : 3); seed++) {
      let total = 0n;
      let own = 0n;
      const { machine, failures } = pluginRun(seed, options, (api) => {
        const counter = api.counter();
        const scoreboard = api.scoreboard();
        api.onBlock(({ insns }) => {
          for (const insn of insns) {
            insn.count(counter);
            insn.count(scoreboard, 3);
          }
        });
        api.atExit(() => {
          total = counter.value;
          own = scoreboard.sum;
        });
      });
      expect(failures).toEqual([]);
      expect({ seed, total, own }).toEqual({ seed, total: BigInt(machine.steps), own: 3n * BigInt(machine.steps) });
      expect(stateOf(machine)).toEqual(plainRun(seed));
    }
  });

  it('see every value in rows: registers and memory follow from them', () => {
    for (let seed = 0; seed < (options.wish === undefined ? 8 : 3); seed++) {
      let rows = 0;
      let entries = 0;
      const registers = new Map<string, bigint>();
      const memory = new Map<number, number>();
      const inline = { value: 0n };
      let accesses = 0n;
      const { machine, failures } = pluginRun(seed, options, (api) => {
        const counter = api.counter();
        api.onBlock((block) => {
          block.record();
          for (const insn of block.insns) {
            insn.record({ exec: { register: 'r0' }, accesses: 'rw', written: 'all' });
            insn.countAccesses(counter, 'rw');
          }
        });
        api.onBatch((batch) => {
          for (let i = 0; i < batch.length; i++) {
            const value = batch.value(i);
            switch (batch.kind(i)) {
              case RowKind.exec:
                if (batch.bytes(i) === 0) entries++;
                else {
                  rows++;
                  if (registers.has('r0')) expect(value).toBe(registers.get('r0'));
                }
                break;
              case RowKind.register:
                registers.set((api.registers[batch.register(i)] as { name: string }).name, value | (batch.valueHigh(i) << 64n));
                break;
              case RowKind.store:
              case RowKind.load:
                accesses += batch.bytes(i) === 16 ? 2n : 1n;
                for (let at = 0; at < Math.min(batch.bytes(i), 8); at++) {
                  const byte = Number((value >> BigInt(8 * at)) & 0xffn);
                  const address = batch.address(i) + at;
                  if (batch.kind(i) === RowKind.load && memory.has(address)) expect(byte).toBe(memory.get(address));
                  memory.set(address, byte);
                }
                break;
              default:
            }
          }
        });
        api.atExit(() => {
          inline.value = counter.value;
        });
      });
      expect(failures).toEqual([]);
      expect({ seed, rows }).toEqual({ seed, rows: machine.steps });
      expect(entries).toBeGreaterThan(0);
      expect({ seed, accesses }).toEqual({ seed, accesses: inline.value });
      for (const [name, value] of registers) expect({ seed, name, value }).toEqual({ seed, name, value: machine.cpu.getByName(name) });
      for (const [address, byte] of memory) {
        const [now] = machine.space.peek(address, 1) ?? [];
        expect({ seed, address, byte: now }).toEqual({ seed, address, byte });
      }
      expect(stateOf(machine)).toEqual(plainRun(seed));
    }
  });

  it('are called back once at each instruction, with exact registers, and may write them', () => {
    for (let seed = 0; seed < 4; seed++) {
      let calls = 0;
      const { machine, failures } = pluginRun(seed, options, (api) => {
        api.onBlock(({ insns }) => {
          for (const insn of insns) {
            insn.onExec(() => {
              if (api.steps !== calls) throw new Error(`call ${calls} comes at step ${api.steps}`);
              calls++;
              // The same value, so that the run stays the same, but the region has to be left.
              if (calls % 7 === 0) api.writeRegister('r2', api.readRegister('r2'));
            });
          }
        });
      });
      expect(failures).toEqual([]);
      // The one that the run ended at, or that faulted, may have been called back before.
      expect([machine.steps, machine.steps + 1]).toContain(calls);
      expect(stateOf(machine)).toEqual(plainRun(seed));
    }
  });
});
