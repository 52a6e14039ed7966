import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { NodeHost } from '../../packages/cli/src/host/nodeHost.ts';
import { type MachineOptions, type NativeCode, OPTIMISATIONS } from '../../packages/core/src/engine/index.ts';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import { createProcess, Environment } from '../../packages/core/src/linux/index.ts';
import { type BuiltProgram, buildPrograms } from '../programs/build.mjs';
import { MemoryStore } from './memoryStore.ts';
import { qemuCpu } from './qemuCpu.ts';
import { TracedGuest } from './tracedGuest.ts';

type Mode = Omit<MachineOptions, 'guest' | 'syscall'>;

const MODES: Readonly<Record<string, Mode>> = {
  'one instruction a block': { oneInsnPerBlock: true },
  'no chaining': { noChain: true },
  // Cold code would keep most of these programs from becoming regions.
  ...Object.fromEntries(Object.keys(OPTIMISATIONS).map((name) => [`without ${name}`, { disabled: new Set([name, 'cold-code']) }])),
  'hot after two runs': { runsUntilHot: 2 },
  'without any optimisation': { disabled: new Set(Object.keys(OPTIMISATIONS)) },
};

const ENV = { PATH: '/usr/bin:/bin', EXAMPLE: 'a value' };

/** Keeps what the guest writes to its standard files. */
class CapturingHost extends NodeHost {
  readonly written: Record<number, string> = { 1: '', 2: '' };

  override write(handle: number, data: Uint8Array): number {
    if (handle !== 1 && handle !== 2) return super.write(handle, data);
    this.written[handle] += Buffer.from(data).toString('latin1');
    return data.length;
  }

  override read(handle: number, into: Uint8Array): number {
    return handle === 0 ? 0 : super.read(handle, into);
  }
}

/** What V8 is said to have made of modules is nothing: they are made of their bytes again, but for some that V8 is said not to take. */
function pretendedNativeCode(): NativeCode {
  let restored = 0;
  return {
    compile: () => Uint8Array.of(1, 2, 3),
    restore: (_packed, wasm) => (++restored % 5 === 0 ? undefined : new WebAssembly.Module(wasm)),
  };
}

/** What must not depend on how a program is run. */
interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status, or 128 and the signal's number. */
  readonly status: number;
  readonly steps: number;
}

function run({ path, args, cpu }: BuiltProgram, mode: Mode, traced: boolean): Outcome {
  const guest = createAArch64(cpu);
  const host = new CapturingHost();
  const environment = new Environment(Object.entries(ENV).map(([name, value]) => `${name}=${value}`)).assignments;
  const make = (hooks: MachineOptions['hooks']): ReturnType<typeof createProcess> =>
    createProcess({ guest, host, program: path, argv: [path, ...args], environment, options: { seed: 1n, machine: { ...mode, ...(hooks && { hooks }) } } });
  let steps: number;
  let event: ReturnType<TracedGuest['machine']['run']>;
  if (traced) {
    const tracedGuest = new TracedGuest(guest, make);
    let count = 0;
    while (tracedGuest.nextState() !== undefined) count++;
    event = tracedGuest.end as typeof event;
    steps = tracedGuest.machine.steps;
    expect(count, 'instructions in the trace').toBe(steps);
  } else {
    const { machine, kernel } = make(undefined);
    event = kernel.run();
    steps = machine.steps;
    machine.saveTranslations();
  }
  if (event.kind !== 'exit' && event.kind !== 'fault') throw new Error(`ended with ${event.kind}`);
  return { stdout: host.written[1], stderr: host.written[2], status: event.kind === 'exit' ? event.status & 255 : 128 + event.signal, steps };
}

/** Tests every nth program, from number `first` on: in several files, so that they are tested side by side. */
export function testModes(first: number, every: number): void {
  const programs = buildPrograms().filter((_, i) => i % every === first);
  test.each(programs)('$name: gives the same in all modes, and what QEMU gives', testProgram);
}

function testProgram(program: BuiltProgram): void {
  const plain = run(program, {}, false);
  expect(run(program, {}, true), 'traced').toEqual(plain);
  for (const [name, mode] of Object.entries(MODES)) expect(run(program, mode, false), name).toEqual(plain);
  expect(run(program, { oneInsnPerBlock: true }, true), 'traced, one instruction a block').toEqual(plain);
  for (const runsUntilHot of [2, 2000]) {
    const translations = new MemoryStore();
    const nativeCode = pretendedNativeCode();
    const kept: Mode = { runsUntilHot, translations, hooks: { nativeCode } };
    for (const time of ['first', 'second', 'third']) {
      expect(run(program, kept, false), `translations kept, ${time} run`).toEqual(plain);
      translations.compile(createAArch64(program.cpu), nativeCode);
    }
    translations.damage(runsUntilHot, 4096);
    expect(run(program, kept, false), 'translations damaged').toEqual(plain);
  }

  const options = { env: ENV, encoding: 'latin1', input: '' } as const;
  const qemu = spawnSync('qemu-aarch64', ['-cpu', qemuCpu(program.cpu), '-seed', '1', program.path, ...program.args], options);
  expect(plain.stdout).toBe(qemu.stdout);
  if (qemu.signal === null) expect([plain.status, plain.stderr]).toEqual([qemu.status, qemu.stderr]);
  else expect(plain.status).toBe(128 + { SIGILL: 4, SIGTRAP: 5, SIGBUS: 7, SIGFPE: 8, SIGSEGV: 11 }[qemu.signal as 'SIGILL']);
}
