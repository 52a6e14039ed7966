import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Hit, type Probe, type Register, type SearchOptions, SIZE_OF, type Timeline, type TimelineOptions } from '../../packages/core/src/index.ts';
import { buildPrograms } from '../programs/build.mjs';
import { BruteForceTrace, FLAGS, type TracedAccess } from './bruteForceTrace.ts';
import { MemoryHistory } from './memoryHistory.ts';
import { openTimeline, type RecordedProgram, recordProgram, reopenTimeline, startProgram, timelineOfParts } from './recordedProgram.ts';

/** Questions in all; `EVERYSTEP_QUESTIONS=100000 npx vitest run tests/record/randomQuestions.test.ts` asks more. */
const QUESTIONS = Number(process.env.EVERYSTEP_QUESTIONS ?? 1050);
const SEED = Number(process.env.EVERYSTEP_SEED ?? 1);

/** Sorting, threads, signals within signals, forks, shared memory, waiting processes, code that changes, addresses with tags, long jumps. */
const PROGRAMS = [
  ...['qsort', 'atomics', 'threads', 'nested', 'mapProcesses', 'sharedMaps', 'processMemory', 'pipeWaits', 'selfModifying'],
  ...['taggedPointers', 'longjmp'],
];

const root = join(import.meta.dirname, '../..');
const built = [
  ...buildPrograms(),
  ...buildPrograms(join(root, 'tests/syscalls/programs'), join(root, '.build/syscalls')),
  ...buildPrograms(join(root, 'tests/signals/programs'), join(root, '.build/signals')),
];
const folder = mkdtempSync(join(tmpdir(), 'questions-'));
afterAll(() => rmSync(folder, { recursive: true }));

function recordNamed(name: string): RecordedProgram {
  const directory = process.cwd();
  process.chdir(mkdtempSync(join(folder, 'run-')));
  try {
    return recordProgram(startProgram(built.find((program) => program.name === name)?.path ?? name));
  } finally {
    process.chdir(directory);
  }
}

/** The same numbers each time. */
class Random {
  constructor(private state: number) {}

  below(count: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * count);
  }

  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)];
  }
}

/** A clock by which all stretches between snapshots have as many steps as the first. */
function evenClock(): () => number {
  let calls = 0;
  return () => 8 * ((calls++ + 3) >> 2);
}

/** What the brute-force trace says of a question. */
interface Expected {
  readonly step: number;
  readonly pid: number;
  readonly tid: number;
  /** The kernel did it to the memory of another process than the one that ran: who asks for one process does not mean it. */
  readonly isElsewhere?: boolean;
}

class Questioner {
  private readonly timeline: Timeline;
  private readonly lastStep: number;
  private readonly rarePcs: readonly number[];
  private readonly rareWrites: readonly TracedAccess[];
  private readonly visible: readonly Register[];

  constructor(
    private readonly trace: BruteForceTrace,
    private readonly memory: MemoryHistory,
    recorded: RecordedProgram,
    private readonly random: Random,
  ) {
    const { steps } = trace;
    // Some with many snapshots, some with few.
    const options = { now: evenClock(), build: 'this', firstStretch: 100 + random.below(Math.ceil(steps / 4)), readSteps: 1 + random.below(steps) };
    this.timeline = this.timelineOf(recorded, options);
    this.lastStep = this.timeline.lastStep;
    this.visible = this.timeline.replayer.machine.guest.state.registers.filter(({ visible }) => visible);
    const counts = new Map<number, number>();
    for (const pc of trace.pcs) counts.set(pc, (counts.get(pc) ?? 0) + 1);
    this.rarePcs = [...counts].filter(([, count]) => count === 1).map(([pc]) => pc);
    const writes = new Map<number, TracedAccess | undefined>();
    for (const access of trace.accesses) {
      if (access.kind === 'read') continue;
      for (let at = access.address; at < access.address + access.data.length; at++) writes.set(at, writes.has(at) ? undefined : access);
    }
    this.rareWrites = [...new Set(writes.values())].filter((access) => access !== undefined);
  }

  /** One that goes through the run itself, or has an index that was kept, or one that was made in two or three parts. */
  private timelineOf(recorded: RecordedProgram, options: Partial<TimelineOptions>): Timeline {
    const { random, trace } = this;
    const way = random.below(4);
    if (way > 1) {
      const bounds = Array.from({ length: way - 1 }, () => 1 + random.below(trace.steps - 1));
      return timelineOfParts(
        recorded,
        [...new Set(bounds)].sort((a, b) => a - b),
        options,
      );
    }
    const timeline = openTimeline(recorded, options);
    if (way === 0) return timeline;
    timeline.complete();
    return reopenTimeline(recorded, timeline, options);
  }

  ask(): void {
    const accesses = [this.access, this.rareWrite, this.memoryAccess];
    const kinds = [this.state, this.execution, this.rareExecution, ...accesses, this.register, this.contents, this.call, this.branch];
    this.random.of(kinds).call(this);
  }

  /** Registers at a step. */
  private state(): void {
    const { timeline, trace } = this;
    const step = this.random.below(trace.steps);
    timeline.seek(step);
    const { machine, pid, tid } = timeline.replayer;
    const { cpu, guest } = machine;
    const words = trace.states[step];
    const wanted = this.visible.map((register) => {
      let value = 0n;
      for (let i = SIZE_OF[register.type] / 4 - 1; i >= 0; i--) value = (value << 32n) | BigInt(words[(register.offset >> 2) + i] >>> 0);
      return `${register.name} ${value}`;
    });
    const nzcv = words[guest.state.flags.a.offset >> 2] >>> 28;
    expect({ step, pid, tid, pc: machine.pc, registers: [...this.visible.map((r) => `${r.name} ${cpu.get(r)}`), `nzcv ${cpu.nzcv}`] }).toEqual({
      ...{ step, pid: trace.pids[step], tid: trace.tids[step], pc: trace.pcs[step] },
      registers: [...wanted, `nzcv ${nzcv}`],
    });
  }

  private execution(): void {
    this.executionOf(this.random.of(this.trace.pcs));
  }

  /** An instruction that is executed once. */
  private rareExecution(): void {
    if (this.rarePcs.length > 0) this.executionOf(this.random.of(this.rarePcs));
  }

  private executionOf(pc: number): void {
    const { trace } = this;
    this.compare({ kind: 'execute', pc }, (step) => (trace.pcs[step] === pc ? this.whoRan(step) : undefined));
  }

  private whoRan(step: number): Expected {
    return { step, pid: this.trace.pids[step], tid: this.trace.tids[step] };
  }

  private access(): void {
    const { address } = this.random.of(this.trace.accesses);
    this.accessesOf(Math.max(0, address - this.random.below(8)), 1 + this.random.below(16), this.random.of(['reads', 'writes', 'both']));
  }

  /** Memory that is written once. */
  private rareWrite(): void {
    if (this.rareWrites.length === 0) return;
    const { address, data } = this.random.of(this.rareWrites);
    this.accessesOf(address, data.length, 'writes');
  }

  private accessesOf(address: number, bytes: number, which: 'reads' | 'writes' | 'both'): void {
    const [reads, writes] = [which !== 'writes', which !== 'reads'];
    const steps = new Map<number, Expected>();
    for (const { kind, address: start, data, ...who } of this.trace.accesses) {
      const isWanted = kind === 'read' ? reads : writes;
      if (isWanted && start < address + bytes && address < start + data.length) steps.set(who.step, who);
    }
    for (const { step, pid, tid, address: start, bytes: length } of writes ? this.memory.kernelWrites : [])
      if (start < address + bytes && address < start + length && !steps.has(step)) steps.set(step, { step, pid, tid, isElsewhere: true });
    this.compare({ kind: 'access', address, bytes, reads, writes }, (step) => steps.get(step));
  }

  /** Accesses to one process's memory, whoever makes them. */
  private memoryAccess(): void {
    const { random, trace, memory } = this;
    const address = Math.max(0, random.of(trace.accesses).address - random.below(8));
    const bytes = 1 + random.below(16);
    const reads = random.below(3) === 0;
    const memoryOf = random.of(memory.pids);
    const isMet = (start: number, length: number): boolean => start < address + bytes && address < start + length;
    const steps = new Map<number, Expected>();
    for (const { kind, address: start, data, step, pid, tid } of trace.accesses) {
      if (kind === 'kernel' || (kind === 'read' && !reads) || !isMet(start, data.length)) continue;
      if (memory.isMemoryOf(memory.ancestor(memoryOf, step), pid, step, address)) steps.set(step, { step, pid, tid });
    }
    for (const { step, pid, tid, address: start, bytes: length, owners } of memory.kernelWrites) {
      if (isMet(start, length) && owners.includes(memory.ancestor(memoryOf, step)) && !steps.has(step)) steps.set(step, { step, pid, tid });
    }
    this.compare({ kind: 'access', address, bytes, reads, writes: true }, (step) => steps.get(step), { memoryOf });
  }

  private register(): void {
    const { trace } = this;
    const register = this.random.below(10) === 0 ? 'flags' : this.random.of(this.visible);
    const number = register === 'flags' ? FLAGS : register.index;
    // What the kernel changes has tests of its own: a trace tells of the whole state then.
    const changes = this.random.below(2) === 0;
    const steps = changes ? trace.changed : trace.written;
    this.compare({ kind: 'register', register, changes }, (step) => (steps[step].includes(number) ? this.whoRan(step) : undefined), { withoutKernel: true });
  }

  private call(): void {
    const { calls } = this.trace;
    const { number } = this.random.of(calls);
    const isAny = this.random.below(4) === 0;
    const wanted = new Map(calls.filter((call) => isAny || call.number === number).map(({ step, pid, tid }) => [step, { step, pid, tid }]));
    this.compare({ kind: 'syscall', ...(isAny ? {} : { number }) }, (step) => wanted.get(step));
  }

  private branch(): void {
    const kind = this.random.of(['call', 'return'] as const);
    const steps = new Set(this.trace.branches[kind]);
    this.compare({ kind }, (step) => (steps.has(step) ? this.whoRan(step) : undefined));
  }

  /** Memory behind a write is what was written. */
  private contents(): void {
    const { timeline, trace } = this;
    const writes = trace.accesses.filter(({ kind }) => kind === 'write');
    const { step, address, data } = this.random.of(writes);
    // An instruction may write twice, or leave to the kernel what writes there.
    if (trace.accesses.some((other) => other.step === step && other.data !== data && other.kind !== 'read')) return;
    if (step + 1 >= trace.steps || trace.pids[step] !== trace.pids[step + 1]) return;
    timeline.seek(step + 1);
    expect({ step, address, data: timeline.replayer.machine.space.peek(address, data.length) }).toEqual({ step, address, data });
  }

  /** Asks for all, the next and the previous of what `expected` tells by step. */
  private compare(
    probe: Probe,
    expected: (step: number) => Expected | undefined,
    { withoutKernel = false, memoryOf }: { readonly withoutKernel?: boolean; readonly memoryOf?: number } = {},
  ): void {
    const { random, timeline, trace, lastStep } = this;
    const [a, b] = [random.below(lastStep + 1), random.below(lastStep + 1)];
    const who = random.below(lastStep);
    const range: SearchOptions = {
      ...(memoryOf === undefined ? {} : { memoryOf }),
      ...(random.below(3) === 0 ? {} : { from: Math.min(a, b), to: Math.max(a, b) }),
      // Nobody asks for both.
      ...(memoryOf === undefined && random.below(4) === 0 ? { pid: trace.pids[who] } : {}),
      ...(random.below(4) === 0 ? { tid: trace.tids[who] } : {}),
    };
    const { from = 0, to = lastStep, pid, tid } = range;
    const all: Expected[] = [];
    for (let step = from; step < to; step++) {
      const each = expected(step);
      if (each !== undefined && (pid === undefined || (each.pid === pid && each.isElsewhere !== true)) && (tid === undefined || each.tid === tid))
        all.push({ step, pid: each.pid, tid: each.tid });
    }
    const told = (hit: Hit | undefined): Expected | undefined => hit && { step: hit.step, pid: hit.pid, tid: hit.tid };
    const question = {
      probe: probe.kind === 'register' ? { ...probe, register: String(probe.register === 'flags' ? 'flags' : probe.register.name) } : probe,
      range,
    };
    const way = random.below(3);
    if (way === 0) {
      const hits = timeline.find(probe, range).filter(({ kind }) => !withoutKernel || kind !== 'kernel');
      expect({ ...question, hits: hits.map(told) }).toEqual({ ...question, hits: all });
      return;
    }
    const hit = way === 1 ? timeline.next(probe, range) : timeline.previous(probe, range);
    if (withoutKernel && hit?.kind === 'kernel') return;
    expect({ ...question, way, hit: told(hit) }).toEqual({ ...question, way, hit: way === 1 ? all[0] : all.at(-1) });
  }
}

describe('random questions have the answers of a trace of all instructions', () => {
  it.each(PROGRAMS)('%s', (name) => {
    const recorded = recordNamed(name);
    const trace = new BruteForceTrace(recorded);
    const memory = new MemoryHistory(recorded);
    expect(trace.steps).toBe(recorded.steps);
    const random = new Random(SEED + PROGRAMS.indexOf(name));
    const count = Math.ceil(QUESTIONS / PROGRAMS.length);
    const ROUND = 50;
    for (let asked = 0; asked < count; ) {
      const questioner = new Questioner(trace, memory, recorded, random);
      for (let i = 0; i < ROUND && asked < count; i++, asked++) questioner.ask();
    }
  });
});
