import { assert } from '../../base/index.ts';
import type { Instrument, MachineOptions } from '../../engine/index.ts';
import type { Guest } from '../../guest/index.ts';
import type { JournalReader } from '../journal/journalReader.ts';
import { type JournalPlace, Replayer, type ReplayObserver } from '../replayer.ts';
import { type KeptIndex, readIndex, writeIndex } from './indexFile.ts';
import { armProbe, INSN_BYTES, markPass, type Probe, ProbeCall, probePass } from './probes.ts';
import { ReadRanges } from './readRanges.ts';
import { SegmentIndex } from './segmentIndex.ts';
import { Snapshots } from './snapshots.ts';

export interface TimelineOptions {
  readonly guest: Guest;
  readonly journal: JournalReader;
  /** Milliseconds of some clock: how far apart snapshots are depends on it, and nothing else. */
  readonly now: () => number;
  /** Bytes that snapshots may take; default 512 MiB. */
  readonly snapshotBytes?: number;
  /** Called now and then while the run is gone through, or searched. May throw, to end that: the timeline stays as good as it was. */
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

/** What is between two snapshots: steps `from` + 1 to `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** In the journal, behind all that happened at step `from`. */
  readonly place: JournalPlace;
  /** Of the thread that runs at its start; 0: none does. */
  readonly pid: number;
  readonly tid: number;
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
}

/** Time of a stretch between two snapshots, in milliseconds, unless taking one takes long. */
const STRETCH = 8;
/** Running takes at least so many times what snapshots take. */
const SNAPSHOT_SHARE = 4;
/** So many steps are looked at first, with code that needs no compiling: what is looked for is often near. */
const NEAR = 20_000;
/** Steps of the first stretch. */
const FIRST_STRETCH = 200_000;
const MOST_SNAPSHOTS = 4000;
const SNAPSHOT_BYTES = 512 << 20;

const KINDS = { [ProbeCall.execute]: 'execute', [ProbeCall.read]: 'read', [ProbeCall.write]: 'write', [ProbeCall.register]: 'register' } as const;

/**
 * A recorded run that can be looked at anywhere, and gone through forwards and backwards. It is at one step at a time; questions
 * move it. Snapshots make going back cheap: they are taken when the run is first gone through.
 */
export class Timeline {
  readonly replayer: Replayer;
  private readonly snapshots: Snapshots;
  private readonly index: SegmentIndex;
  private readonly reads: ReadRanges;
  private readonly marks = markPass();
  private stretch = FIRST_STRETCH;
  /** Of `goThrough`. */
  private listener: ((number: number) => void) | undefined;
  /** What is being looked for; undefined also while the timeline only moves. */
  private search: { readonly probe: Probe; readonly hits: Hit[]; readonly options: SearchOptions } | undefined;

  /** @throws UserError if the journal is damaged */
  constructor(private readonly options: TimelineOptions) {
    const { guest, journal, machine = {} } = options;
    this.replayer = new Replayer({ guest, journal, machine: { ...machine, hooks: { ...machine.hooks, callback: (number) => this.called(number) } } });
    this.replayer.setInstrument(this.marks);
    this.snapshots = new Snapshots(this.replayer);
    this.index = new SegmentIndex(this.replayer.machine.space.memory);
    this.reads = new ReadRanges(this.replayer.machine.space.memory);
    this.snapshots.take();
  }

  /** Goes through what has not been gone through, so that the index is whole. */
  complete(): void {
    this.extendTo(this.lastStep);
  }

  /** Whether all of the run has been gone through. */
  get isComplete(): boolean {
    return this.snapshots.lastStep >= this.lastStep;
  }

  /** Snapshots and index, to be kept: parts, each valid until the next is asked for, the table last. See KeptIndex. */
  save(): Iterable<Uint8Array> {
    return writeIndex(this.snapshots, this.index);
  }

  /**
   * Takes what `save` gave, of a timeline of the same journal, instead of going through the run again.
   * @throws Error of any kind if it is damaged: the timeline is of no use then
   */
  restore(kept: KeptIndex): void {
    readIndex(kept, this.snapshots, this.index);
  }

  /** Instructions completed before the present moment. */
  get step(): number {
    return this.replayer.steps;
  }

  /** Instructions of the run. */
  get lastStep(): number {
    return this.replayer.lastStep;
  }

  /** Number of the stretch that begins at or before a step. Goes through the whole run first, as stretches may become longer meanwhile. */
  stretchOf(step: number): number {
    this.complete();
    return this.snapshots.before(step);
  }

  /** Stretches are numbered from 0 in the run's order; undefined behind the last one. */
  stretchAt(number: number): Stretch | undefined {
    const { snapshots } = this;
    if (number + 1 >= snapshots.count) return undefined;
    const { step: from, place, pid, tid } = snapshots.at(number);
    return { from, to: snapshots.stepOf(number + 1), place, pid, tid };
  }

  /**
   * Goes to the moment before instruction `step`: 0 is the first, `lastStep` the end.
   * @throws AssertionError if the run is shorter
   */
  seek(step: number): void {
    assert(step >= 0 && step <= this.lastStep, `there is no step ${step} in this run`);
    this.extendTo(step);
    const { replayer, snapshots } = this;
    const nearest = snapshots.before(step);
    if (step < replayer.steps || snapshots.stepOf(nearest) > replayer.steps) snapshots.restore(nearest);
    while (replayer.steps < step) if (replayer.run(step) === 'stop') return;
    if (replayer.isPaused) replayer.run(step);
  }

  /** Goes into the midst of what happens at `step`, which is not 0, see Replayer.runInto. */
  seekInto(step: number, pause: number): void {
    this.seek(step - 1);
    this.replayer.runInto(step, pause);
  }

  /** Goes through the run for the first time, at least to a step, with snapshots and the index. */
  private extendTo(step: number): void {
    const { replayer, snapshots, index, options } = this;
    if (snapshots.lastStep >= step) return;
    const { observer } = replayer;
    const { search } = this;
    this.search = undefined;
    replayer.setInstrument(this.marks);
    replayer.observer = { wrote: (_, address, bytes) => index.wrote(address, bytes) };
    if (replayer.steps !== snapshots.lastStep) snapshots.restore(snapshots.count - 1);
    try {
      while (snapshots.lastStep < step) {
        const until = Math.min(snapshots.lastStep + this.stretch, this.lastStep);
        const began = options.now();
        index.begin();
        while (replayer.steps < until) replayer.run(until);
        index.end();
        this.takeSnapshot(options.now() - began);
        options.progress?.(replayer.steps, this.lastStep);
      }
    } finally {
      replayer.observer = observer;
      this.search = search;
    }
  }

  /** @param took milliseconds of the stretch before */
  private takeSnapshot(took: number): void {
    const { snapshots, options } = this;
    const began = options.now();
    snapshots.take();
    const wanted = Math.max(STRETCH, (options.now() - began) * SNAPSHOT_SHARE);
    this.stretch = Math.ceil(this.stretch * Math.min(2, Math.max(0.5, wanted / Math.max(took, 0.1))));
    // Stretches are joined two by two, so that there must be an even number of them.
    if (snapshots.count % 2 === 0 || (snapshots.count <= MOST_SNAPSHOTS && snapshots.bytes <= (options.snapshotBytes ?? SNAPSHOT_BYTES))) return;
    snapshots.thin();
    this.index.thin();
    this.stretch *= 2;
  }

  /**
   * Goes through part of the run with an observer; the timeline is at `to` then, or where `called` ended that.
   * @param instrument adds callbacks to the code that runs there, which may want the ring's first bytes for cells
   * @param called is told of those, by their number; registers, pc and steps are exact. Where it answers true, it ends soon.
   */
  goThrough(from: number, to: number, observer: ReplayObserver, instrument?: Instrument, called: (number: number) => boolean = () => false): void {
    const { replayer } = this;
    this.extendTo(to);
    this.seek(from);
    const before = replayer.observer;
    let isOver = false;
    replayer.observer = observer;
    this.listener = (number) => {
      if (isOver || !called(number)) return;
      isOver = true;
      replayer.machine.requestStop();
    };
    replayer.setInstrument(instrument ?? this.marks);
    try {
      while (replayer.steps < to && !isOver) replayer.run(to);
    } finally {
      replayer.observer = before;
      this.listener = undefined;
      replayer.setInstrument(this.marks);
    }
  }

  /** The first time, from `from` on, that something happens. The timeline is somewhere behind it then. */
  next(probe: Probe, options: SearchOptions = {}): Hit | undefined {
    return this.find(probe, { ...options, limit: 1 })[0];
  }

  /** All times, up to `limit`, in the run's order. */
  find(probe: Probe, options: SearchOptions = {}): readonly Hit[] {
    const { from = 0, to = this.lastStep, limit = Number.POSITIVE_INFINITY } = options;
    return this.searching(probe, options, (hits) => {
      for (let start = from; start < to && hits.length < limit; ) {
        this.extendTo(start + 1);
        const segment = this.snapshots.before(start);
        const end = Math.min(to, this.snapshots.stepOf(segment + 1));
        const near = Math.min(end, start + NEAR);
        this.options.progress?.(start, this.lastStep);
        if (this.mayBeIn(segment, probe)) {
          this.searchRange(probe, start, near);
          if (hits.length < limit && near < end) this.searchRange(probe, near, end);
        }
        start = end;
      }
    });
  }

  /** The last time, before `to`, that something happens. */
  previous(probe: Probe, options: SearchOptions = {}): Hit | undefined {
    const { from = 0, to = this.lastStep } = options;
    this.extendTo(to);
    const { limit: _, ...unlimited } = options;
    return this.searching(probe, unlimited, (hits) => {
      for (let end = to; end > from && hits.length === 0; ) {
        const segment = this.snapshots.before(end - 1);
        const start = Math.max(from, this.snapshots.stepOf(segment));
        const near = Math.max(start, end - NEAR);
        this.options.progress?.(start, this.lastStep);
        if (this.mayBeIn(segment, probe)) {
          this.searchRange(probe, near, end);
          if (hits.length === 0 && start < near) this.searchRange(probe, start, near);
        }
        end = start;
      }
    }).at(-1);
  }

  /** Whether a stretch between two snapshots may have what is looked for. */
  private mayBeIn(segment: number, probe: Probe): boolean {
    if (probe.kind === 'execute') return this.index.mayExecute(segment, probe.pc);
    return probe.kind === 'register' || probe.reads || this.index.mayWrite(segment, probe.address, probe.bytes);
  }

  /** Looks within a stretch between two snapshots. */
  private searchRange(probe: Probe, from: number, to: number): void {
    const { search, replayer, reads } = this;
    const isForReads = probe.kind === 'access' && probe.reads;
    if (isForReads && !this.mayAccess(probe, from, to)) return;
    this.search = undefined;
    this.seek(from);
    this.search = search;
    replayer.setInstrument(probePass(probe));
    armProbe(replayer.machine.space.memory, probe);
    if (isForReads) reads.begin();
    while (replayer.steps < to)
      if (replayer.run(to) === 'stop' && search !== undefined && search.hits.length >= (search.options.limit ?? Number.POSITIVE_INFINITY)) return;
    if (isForReads) reads.end(from, to);
  }

  /** Whether part of a stretch may have accesses that are looked for. */
  private mayAccess({ address, bytes, reads, writes }: Extract<Probe, { kind: 'access' }>, from: number, to: number): boolean {
    if (reads && this.reads.mayRead(from, to, address, bytes)) return true;
    return writes && this.index.mayWrite(this.snapshots.before(from), address, bytes);
  }

  private searching(probe: Probe, options: SearchOptions, run: (hits: Hit[]) => void): readonly Hit[] {
    const { replayer } = this;
    const hits: Hit[] = [];
    this.search = { probe, hits, options };
    const { observer } = replayer;
    replayer.observer = this.kernelObserver(probe);
    try {
      run(hits);
    } finally {
      replayer.observer = observer;
      this.search = undefined;
      replayer.setInstrument(this.marks);
    }
    return hits;
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
    const { hits, probe } = search;
    const { pid, tid, limit = Number.POSITIVE_INFINITY, to = Number.POSITIVE_INFINITY } = search.options;
    if ((pid !== undefined && replayer.pid !== pid) || (tid !== undefined && replayer.tid !== tid)) return;
    // Where a block begins that has the instruction; all of it will be executed, as it stops at no step between.
    const ahead = probe.kind === 'execute' ? probe.pc - replayer.pc : 0;
    // What the kernel does comes behind the instruction that is completed.
    const step = replayer.steps + (kind === 'kernel' ? -1 : ahead / INSN_BYTES);
    if (step >= to || hits.length >= limit) return;
    // An instruction with two accesses, or one that is begun again, counts once.
    const last = hits.at(-1);
    if (last?.step === step && last.tid === replayer.tid) return;
    hits.push({ step, pc: replayer.pc + ahead, pid: replayer.pid, tid: replayer.tid, kind });
    if (hits.length >= limit) replayer.machine.requestStop();
  }
}
