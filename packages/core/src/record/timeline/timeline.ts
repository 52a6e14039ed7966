import { assert } from '../../base/index.ts';
import type { Instrument, MachineOptions } from '../../engine/index.ts';
import type { Guest } from '../../guest/index.ts';
import type { JournalReader } from '../journal/journalReader.ts';
import { Replayer, type ReplayObserver } from '../replayer.ts';
import { armProbe, executionPass, type Probe, ProbeCall, probePass } from './probes.ts';
import { Snapshots } from './snapshots.ts';

export interface TimelineOptions {
  readonly guest: Guest;
  readonly journal: JournalReader;
  /** Milliseconds of some clock: how far apart snapshots are depends on it, and nothing else. */
  readonly now: () => number;
  /** Bytes that snapshots may take; default 512 MiB. */
  readonly snapshotBytes?: number;
  /** Called now and then while the run is gone through. May throw, to end that: the timeline stays as good as it was. */
  readonly progress?: (step: number, of: number) => void;
  readonly machine?: Omit<MachineOptions, 'guest' | 'syscall'>;
}

/** Something that was looked for, and where it was found. */
export interface Hit {
  /** Instructions completed before the one that did it: the state at `step` is the one before, at `step` + 1 the one behind. */
  readonly step: number;
  /** Of the instruction; for `kernel`, where the thread went on. */
  readonly pc: number;
  readonly pid: number;
  readonly tid: number;
  /** `kernel`: a system call, or a signal's delivery, did it. */
  readonly kind: 'execute' | 'read' | 'write' | 'register' | 'kernel';
}

/** Where to look. */
export interface SearchOptions {
  /** First step, and the first that is no more part of it; default: all of the run. */
  readonly from?: number;
  readonly to?: number;
  /** Only in this process. */
  readonly pid?: number;
  /** Only in this thread. */
  readonly tid?: number;
  /** Most hits; default: all. */
  readonly limit?: number;
  /** Is asked about each, when registers and memory are as just before it (of kernel hits: behind it); false: it is none. */
  readonly accept?: (hit: Hit) => boolean;
}

/** Time of a stretch between two snapshots, in milliseconds, unless taking one takes long. */
const STRETCH = 8;
/** Running takes at least so many times what snapshots take. */
const SNAPSHOT_SHARE = 4;
/** Steps of the first stretch. */
const FIRST_STRETCH = 200_000;
const MOST_SNAPSHOTS = 4096;
const SNAPSHOT_BYTES = 512 << 20;

const KINDS = { [ProbeCall.execute]: 'execute', [ProbeCall.read]: 'read', [ProbeCall.write]: 'write', [ProbeCall.register]: 'register' } as const;

/**
 * A recorded run that can be looked at anywhere, and gone through forwards and backwards. It is at one step at a time; questions
 * move it. Snapshots make going back cheap: they are taken when the run is first gone through.
 */
export class Timeline {
  readonly replayer: Replayer;
  private readonly snapshots: Snapshots;
  private readonly executions: Instrument;
  private watchedPcs: ReadonlySet<number> = new Set();
  private stretch = FIRST_STRETCH;
  /** Of `goThrough`. */
  private listener: ((number: number) => void) | undefined;
  /** What is being looked for; undefined also while the timeline only moves. */
  private search: { readonly hits: Hit[]; readonly options: SearchOptions } | undefined;

  /** @throws UserError if the journal is damaged */
  constructor(private readonly options: TimelineOptions) {
    const { guest, journal, machine = {} } = options;
    // Code is dropped where it is watched: alone, not with all of its file.
    const disabled = new Set([...(machine.disabled ?? []), 'shared-code']);
    this.replayer = new Replayer({ guest, journal, machine: { ...machine, disabled, hooks: { ...machine.hooks, callback: (number) => this.called(number) } } });
    this.executions = executionPass(() => this.watchedPcs);
    this.replayer.setInstrument(this.executions);
    this.snapshots = new Snapshots(this.replayer);
    this.snapshots.take();
  }

  /** Instructions completed before the present moment. */
  get step(): number {
    return this.replayer.steps;
  }

  /** Instructions of the run. */
  get lastStep(): number {
    return this.replayer.lastStep;
  }

  /**
   * Goes to the moment before instruction `step`: 0 is the first, `lastStep` the end.
   * @throws AssertionError if the run is shorter
   */
  seek(step: number): void {
    assert(step >= 0 && step <= this.lastStep, `there is no step ${step} in this run`);
    const { replayer, snapshots } = this;
    const nearest = snapshots.before(step);
    if (step < replayer.steps || snapshots.stepOf(nearest) > replayer.steps) snapshots.restore(nearest);
    this.runTo(step);
  }

  /** Runs on; takes snapshots where none have been taken. @returns false if somebody asked the machine to stop before */
  private runTo(step: number): boolean {
    const { replayer, snapshots, options } = this;
    while (replayer.steps < step) {
      const frontier = snapshots.lastStep + this.stretch;
      const began = options.now();
      const isNew = frontier > replayer.steps && replayer.steps >= snapshots.lastStep;
      if (replayer.run(isNew ? Math.min(step, frontier) : step) === 'stop') return false;
      if (isNew && replayer.steps >= frontier) this.takeSnapshot(options.now() - began);
      options.progress?.(replayer.steps, this.lastStep);
    }
    return true;
  }

  /** @param took milliseconds of the stretch before */
  private takeSnapshot(took: number): void {
    const { snapshots, options } = this;
    const began = options.now();
    snapshots.take();
    const wanted = Math.max(STRETCH, (options.now() - began) * SNAPSHOT_SHARE);
    this.stretch = Math.ceil(this.stretch * Math.min(2, Math.max(0.5, wanted / Math.max(took, 0.1))));
    if (snapshots.count <= MOST_SNAPSHOTS && snapshots.bytes <= (options.snapshotBytes ?? SNAPSHOT_BYTES)) return;
    snapshots.thin();
    this.stretch *= 2;
  }

  /**
   * Goes through part of the run with an observer; the timeline is at `to` then.
   * @param instrument adds callbacks to the code that runs there, which may want the ring's memory for cells
   * @param called is told of those, by their number; registers, pc and steps are exact
   */
  goThrough(from: number, to: number, observer: ReplayObserver, instrument?: Instrument, called: (number: number) => void = () => {}): void {
    const { replayer } = this;
    this.seek(from);
    const before = replayer.observer;
    replayer.observer = observer;
    this.listener = called;
    if (instrument !== undefined) replayer.setInstrument(instrument);
    try {
      while (!this.runTo(to));
    } finally {
      replayer.observer = before;
      this.listener = undefined;
      if (instrument !== undefined) replayer.setInstrument(this.executions);
    }
  }

  /** The first time, from `from` on, that something happens. The timeline is somewhere behind it then. */
  next(probe: Probe, options: SearchOptions = {}): Hit | undefined {
    return this.find(probe, { ...options, limit: 1 })[0];
  }

  /** All times, up to `limit`, in the run's order. */
  find(probe: Probe, options: SearchOptions = {}): readonly Hit[] {
    const { from = 0, to = this.lastStep } = options;
    return from >= to ? [] : this.searching(probe, options, () => this.searchRange(from, to));
  }

  /** The last time, before `to`, that something happens. */
  previous(probe: Probe, options: SearchOptions = {}): Hit | undefined {
    const { from = 0, to = this.lastStep } = options;
    // All snapshots that there will be up to there.
    this.seek(to);
    const { limit: _, ...unlimited } = options;
    return this.searching(probe, unlimited, (hits) => {
      for (let end = to; end > from; ) {
        const number = this.snapshots.before(end - 1);
        const start = Math.max(from, this.snapshots.stepOf(number));
        this.searchRange(start, end);
        if (hits.length > 0) return;
        end = start;
      }
    }).at(-1);
  }

  private searchRange(from: number, to: number): void {
    const { search } = this;
    this.search = undefined;
    this.seek(from);
    this.search = search;
    while (!this.runTo(to)) if (search !== undefined && search.hits.length >= (search.options.limit ?? Number.POSITIVE_INFINITY)) return;
  }

  private searching(probe: Probe, options: SearchOptions, run: (hits: Hit[]) => void): readonly Hit[] {
    const { replayer } = this;
    const hits: Hit[] = [];
    this.search = { hits, options };
    const { observer } = replayer;
    if (probe.kind === 'execute') this.watch(probe.pcs);
    else replayer.setInstrument(probePass(probe));
    armProbe(replayer.machine.space.memory, probe);
    replayer.observer = this.kernelObserver(probe);
    try {
      run(hits);
    } finally {
      replayer.observer = observer;
      this.search = undefined;
      if (probe.kind === 'execute') this.watch(new Set());
      else replayer.setInstrument(this.executions);
    }
    return hits;
  }

  /** Only code at these addresses, and those before, is translated anew. */
  private watch(pcs: ReadonlySet<number>): void {
    const changed = [...this.watchedPcs, ...pcs];
    this.watchedPcs = pcs;
    for (const space of this.replayer.spaces) for (const pc of changed) space?.onCodeChange?.(pc, pc + 1);
  }

  /** Finds what the kernel does. */
  private kernelObserver(probe: Probe): ReplayObserver {
    const { replayer } = this;
    if (probe.kind === 'execute') return {};
    if (probe.kind === 'access') {
      if (!probe.writes) return {};
      return { wrote: (_, address, bytes) => void (address < probe.address + probe.bytes && probe.address < address + bytes && this.add('kernel')) };
    }
    const { register } = probe;
    const { cpu } = replayer.machine;
    const value = (): bigint => (register === 'flags' ? BigInt(cpu.nzcv) : cpu.get(register));
    let before: { readonly tid: number; readonly value: bigint } | undefined;
    return {
      beforeChanges: () => {
        before = { tid: replayer.tid, value: value() };
      },
      afterChanges: () => {
        if (before?.tid === replayer.tid && before.value !== value()) this.add('kernel');
      },
    };
  }

  /** A probe's callback, see MachineHooks.callback. */
  private called(number: number): boolean {
    if (this.listener !== undefined) this.listener(number);
    else this.add(KINDS[number as keyof typeof KINDS]);
    return false;
  }

  private add(kind: Hit['kind']): void {
    const { replayer, search } = this;
    if (search === undefined) return;
    const { hits } = search;
    const { pid, tid, limit = Number.POSITIVE_INFINITY, to = Number.POSITIVE_INFINITY } = search.options;
    if ((pid !== undefined && replayer.pid !== pid) || (tid !== undefined && replayer.tid !== tid)) return;
    // What the kernel does comes behind the instruction that is completed.
    const step = kind === 'kernel' ? replayer.steps - 1 : replayer.steps;
    if (step >= to || hits.length >= limit) return;
    // An instruction with two accesses, or one that is begun again, counts once.
    const last = hits.at(-1);
    if (last?.step === step && last.tid === replayer.tid) return;
    const hit = { step, pc: replayer.pc, pid: replayer.pid, tid: replayer.tid, kind };
    if (search.options.accept?.(hit) === false) return;
    hits.push(hit);
    if (hits.length >= limit) replayer.machine.requestStop();
  }
}
