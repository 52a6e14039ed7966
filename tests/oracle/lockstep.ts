import { openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { NodeHost } from '../../packages/cli/src/host/nodeHost.ts';
import type { MachineOptions, RunEvent } from '../../packages/core/src/engine/index.ts';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import type { CpuModelName } from '../../packages/core/src/guest/aarch64/cpuModels.ts';
import { ascii, createProcess, Environment, type HostIdentity } from '../../packages/core/src/linux/index.ts';
import { disassemble } from '../fuzz/report.ts';
import { AT, differences, pcOf, STATE_WORDS, sameState } from './guestState.ts';
import { qemuCpu } from './qemuCpu.ts';
import { traceQemu } from './qemuTrace.ts';
import { TracedGuest, type TracedState } from './tracedGuest.ts';

export interface LockstepOptions {
  readonly cpu: CpuModelName;
  readonly seed: string;
  readonly machine: Omit<MachineOptions, 'guest' | 'syscall'>;
  /** Where QEMU's guest writes: a file of the kind that this process's standard output is. */
  readonly qemuOutput: string;
}

export interface LockstepResult {
  /** Instructions compared. */
  readonly insns: number;
  /** What differs first, in full; undefined: nothing. */
  readonly difference: string | undefined;
}

/** Instructions shown before the one that differs. */
const HISTORY = 8;
/**
 * QEMU 7.2 does not seed the getrandom system call by -seed. A program may ask it for 8 bytes: everystep gives these, and
 * when they first show in a register, QEMU's are known.
 */
const UNKNOWN_RANDOM = 0x5eed_0123_4567_89abn;
const ENV = { PATH: '/usr/bin:/bin', EXAMPLE: 'a value' };

/** A host on which the guest has the process id that it has under QEMU: it is in registers and memory. */
class HostWithPid extends NodeHost {
  constructor(private readonly pid: number) {
    super();
  }

  override identity(): HostIdentity {
    return { ...super.identity(), pid: this.pid };
  }
}

/** System calls that QEMU's user mode does not have, so that registers differ behind them. */
const QEMU_LACKS: ReadonlySet<string> = new Set(['set_robust_list', 'get_robust_list']);

/**
 * Runs a program under QEMU and, traced at full speed, under everystep, and compares all registers, flags and SP before
 * each instruction. The guest writes to this process's standard output.
 */
export async function lockstep(program: string, args: readonly string[], options: LockstepOptions): Promise<LockstepResult> {
  const guest = createAArch64(options.cpu);
  const environment = new Environment(Object.entries(ENV).map(([name, value]) => `${name}=${value}`)).assignments;
  /** What getrandom gives the guest, over and over. */
  let random = UNKNOWN_RANDOM;
  let pid = 0;
  const start = (): TracedGuest =>
    new TracedGuest(guest, (hooks) => {
      const request = { guest, host: new HostWithPid(pid), program, argv: [program, ...args], environment };
      const made = createProcess({ ...request, options: { seed: BigInt(options.seed), withoutCalls: QEMU_LACKS, machine: { ...options.machine, hooks } } });
      made.process.randomBytes = (into) => into.set(Array.from(into, (_, i) => Number((random >> BigInt(8 * (i % 8))) & 255n)));
      // prctl gives the name of the host's thread, QEMU.
      made.process.threadName = ascii('qemu-aarch64');
      return made;
    });
  let ours: TracedGuest | undefined;
  const history: { readonly pc: number; readonly word: number }[] = [];
  let insns = 0;
  let difference: string | undefined;
  /** A state of QEMU's beyond our last instruction: of the one that faults. */
  let faulting: Int32Array | undefined;

  const fail = (what: string, word: number | undefined, expected: Int32Array, actual: Int32Array): boolean => {
    const all = [...history, ...(word === undefined ? [] : [{ pc: pcOf(actual), word }])];
    const texts = all.map(({ pc, word: w }) => `  ${pc.toString(16)}: ${w.toString(16).padStart(8, '0')}  ${disassemble([w], pc, tmpdir())[0] ?? ''}`);
    const registers = differences(expected, actual).map((d) => `  ${d.name.padEnd(5)} qemu ${d.expected}  everystep ${d.actual}`);
    difference = [`${what}, after ${insns} equal instructions`, ...texts, 'registers before the last of these:', ...registers].join('\n');
    return false;
  };

  /** Starts everystep anew, with getrandom's result as QEMU's, and lets it catch up. */
  const learn = (value: bigint): TracedState | undefined => {
    random = value;
    ours = start();
    for (let i = 0; i < insns; i++) ours.nextState();
    return ours.nextState();
  };

  const onState = (expected: Int32Array): boolean => {
    ours ??= start();
    if (faulting !== undefined) return fail('QEMU goes on where everystep has ended', undefined, expected, ours.finalState());
    let actual = ours.nextState();
    if (actual === undefined) {
      if (ours.end?.kind !== 'fault') return fail(`QEMU goes on where everystep has ended (${describeEnd(ours.end)})`, undefined, expected, ours.finalState());
      faulting = expected.slice();
      const end = ours.finalState();
      return sameState(expected, end) || fail(`states differ at a fault (${describeEnd(ours.end)})`, undefined, expected, end);
    }
    if (!sameState(expected, actual.state)) {
      const found = random === UNKNOWN_RANDOM ? whereRandom(expected, actual.state) : undefined;
      if (found !== undefined) actual = learn(found) ?? actual;
      if (!sameState(expected, actual.state)) return fail('states differ', actual.word, expected, actual.state);
    }
    history.push({ pc: pcOf(actual.state), word: actual.word });
    if (history.length > HISTORY) history.shift();
    insns++;
    return true;
  };

  const output = openSync(options.qemuOutput, 'w');
  const onStart = (id: number): void => {
    pid = id;
  };
  const qemu = await traceQemu({ options: ['-cpu', qemuCpu(options.cpu), '-seed', options.seed], program, args, env: ENV, output, onStart }, onState);
  ours ??= start();
  if (difference === undefined) {
    const next = ours.nextState();
    if (next !== undefined)
      fail(`everystep goes on where QEMU has ended (status ${qemu.status}, signal ${qemu.signal})`, next.word, new Int32Array(STATE_WORDS), next.state);
    else difference = differentEnds(ours.end, qemu);
  }
  return { insns, difference };
}

/** The value that QEMU has in an X register where everystep has what `getrandom` is to be known by. */
function whereRandom(expected: Int32Array, actual: Int32Array): bigint | undefined {
  const value = (state: Int32Array, at: number): bigint => BigInt(state[at] >>> 0) | (BigInt(state[at + 1] >>> 0) << 32n);
  for (let at = AT.x; at < AT.sp; at += 2) if (value(actual, at) === UNKNOWN_RANDOM) return value(expected, at);
  return undefined;
}

const describeEnd = (end: RunEvent | undefined): string =>
  end?.kind === 'fault' ? `signal ${end.signal} at pc 0x${end.pc.toString(16)}: ${end.text}` : end?.kind === 'exit' ? `status ${end.status}` : `${end?.kind}`;

/** QEMU ends by the guest's signal itself. */
function differentEnds(ours: RunEvent | undefined, qemu: { readonly status: number | null; readonly signal: string | null }): string | undefined {
  const signals: Readonly<Record<number, string>> = { 4: 'SIGILL', 5: 'SIGTRAP', 7: 'SIGBUS', 8: 'SIGFPE', 11: 'SIGSEGV' };
  const same = ours?.kind === 'exit' ? (ours.status & 255) === qemu.status : ours?.kind === 'fault' && signals[ours.signal] === qemu.signal;
  return same ? undefined : `everystep ended with ${describeEnd(ours)}, QEMU with status ${qemu.status}, signal ${qemu.signal}`;
}
