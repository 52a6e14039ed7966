import { assert } from '../../base/index.ts';
import type { AddressSpace, MachineHooks } from '../../engine/index.ts';
import { Moment } from '../moment.ts';
import type { OpenFiles } from '../openFiles.ts';
import { outputObserver } from '../replayedOutput.ts';
import { Replayer } from '../replayer.ts';
import type { MemoryPlace } from '../sharedHistory.ts';
import { type Hit, KERNEL_KINDS, KINDS, kernelKind, type OutputHit } from './hits.ts';
import { IndexBuilder } from './indexBuilder.ts';
import { type KeptIndex, readIndex, writeIndex } from './indexFile.ts';
import { KeptCode } from './keptCode.ts';
import { inOrder, type Life, livesOf, optionsOf, type PlaceOptions } from './lives.ts';
import { MarkBytes } from './markBytes.ts';
import { type Found, probeObserver, registerValue } from './observers.ts';
import { Patience } from './patience.ts';
import { armProbe, disarmProbe, hasCells, INSN_BYTES, MARK_ROOM, markPass, type Probe, probePass, type Translated, watchedCall } from './probes.ts';
import { ReadRanges } from './readRanges.ts';
import type { Onlooker, SearchOptions, StepRange, Stretch } from './search.ts';
import type { Search } from './searchState.ts';
import type { SegmentIndex } from './segmentIndex.ts';
import type { Snapshots } from './snapshots.ts';
import type { TimelineOptions } from './timelineOptions.ts';

export type { Hit, OutputHit } from './hits.ts';
export type { Onlooker, SearchOptions, StepRange, Stretch } from './search.ts';
export type { TimelineOptions } from './timelineOptions.ts';

/** So many steps are looked at first: what is looked for is often near. */
const NEAR = 20_000;
/** Who looks for the last time that something happened does not look at it so often, if that is not near. */
const FEW = 500;
/** More steps than between most snapshots. */
const FAR = 4_000_000;

/**
 * A recorded run that can be looked at anywhere, and gone through forwards and backwards. It is at one step at a time; questions
 * move it. Snapshots make going back cheap: they are taken when the run is first gone through.
 */
export class Timeline {
  readonly replayer: Replayer;
  /** What processes have open, as far as the run has been gone through. */
  readonly openFiles: OpenFiles;
  private readonly builder: IndexBuilder;
  private readonly snapshots: Snapshots;
  private readonly index: SegmentIndex;
  /** Of parts that have been searched for reads. */
  private readonly searchedReads: ReadRanges;
  private readonly patience: Patience;
  private readonly translated: Translated = (pc, bytes) => this.builder.translated(pc, bytes);
  private readonly marks = markPass(this.translated);
  private readonly code: KeptCode;
  /** Of `goThrough`. */
  private listener: ((number: number) => void) | undefined;
  /** What is being looked for; undefined also while the timeline only moves. */
  private search: Search | undefined;

  /** @throws UserError if the journal is damaged */
  constructor(private readonly options: TimelineOptions) {
    const { guest, journal, machine = {} } = options;
    const hooks: MachineHooks = { ...machine.hooks, callback: (number) => this.called(number), watched: (address, bytes) => this.watched(address, bytes) };
    this.code = new KeptCode(options.build ?? '');
    const keeping = options.build === undefined ? {} : { translations: this.code, keptWish: this.marks.wish };
    this.replayer = new Replayer({ guest, journal, machine: { ...machine, hooks, ...keeping } });
    this.replayer.setInstrument(this.marks);
    const marked = new MarkBytes(this.replayer.machine.space.memory, MARK_ROOM);
    this.builder = new IndexBuilder(this.replayer, this.marks, marked, options);
    this.snapshots = this.builder.snapshots;
    this.index = this.builder.index;
    this.openFiles = this.builder.openFiles;
    this.searchedReads = new ReadRanges(marked, this.builder.readGroups);
    this.patience = new Patience(this.replayer.machine, machine.runsUntilHot !== undefined);
    this.builder.begin();
  }

  /** Goes through what has not been gone through, so that the index is whole. */
  complete(): void {
    this.extendTo(this.lastStep);
  }

  /** Whether all of the run has been gone through. */
  get isComplete(): boolean {
    return this.snapshots.lastStep >= this.lastStep;
  }

  /** Snapshots, index and code, to be kept: parts, each valid until the next is asked for, the table last. See KeptIndex. */
  save(): Iterable<Uint8Array> {
    this.replayer.machine.saveTranslations();
    return writeIndex(this.builder, this.code, { isFirst: true, isLast: true });
  }

  /**
   * Takes what `save` gave, of a timeline of the same journal, instead of going through the run again; or of several IndexParts, all
   * of the run's in their order.
   * @throws Error of any kind if it is damaged: the timeline is of no use then
   */
  restore(...parts: readonly KeptIndex[]): void {
    readIndex(parts, this.builder, this.code);
    this.patience.restart();
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
    this.extendTo(step);
    const { replayer, snapshots } = this;
    const nearest = snapshots.before(step);
    if (step < replayer.steps || snapshots.stepOf(nearest) > replayer.steps) snapshots.restore(nearest);
    // Where snapshots are far apart, code that each question runs is worth being hot, in time.
    if (step - replayer.steps > FAR) this.patience.goOn(step - replayer.steps);
    while (replayer.steps < step) replayer.run(step);
    if (replayer.isPaused) replayer.run(step);
  }

  /** Goes into the midst of what happens at `step`, which is not 0, see Replayer.runInto. */
  seekInto(step: number, pause: number): void {
    this.seek(step - 1);
    this.replayer.runInto(step, pause);
  }

  /** The stretch that begins at or before a step, and ends behind it; undefined: the run does before. Stretches may become longer, or others, at any time. */
  stretchAround(step: number): Stretch | undefined {
    if (step >= this.lastStep) return undefined;
    this.extendTo(step + 1);
    const { snapshots } = this;
    const number = snapshots.before(step);
    const { step: from, place, pid, tid } = snapshots.at(number);
    return { from, to: snapshots.stepOf(number + 1), place, pid, tid };
  }

  /**
   * Goes to the moment before instruction `step`, to look at it.
   * @throws AssertionError if the run is shorter
   */
  at(step: number): Moment {
    this.seek(step);
    return new Moment(this);
  }

  /** Goes through the run for the first time, at least to a step, with snapshots and the index; unless there is one meanwhile. */
  private extendTo(step: number): void {
    if (this.snapshots.lastStep >= step) return;
    const { search } = this;
    this.search = undefined;
    this.patience.goOn(this.lastStep);
    let offered: readonly KeptIndex[] | undefined;
    const isOffered = (): boolean => {
      offered = this.options.offered?.();
      return offered !== undefined;
    };
    try {
      this.builder.extendTo(step, { isEnough: isOffered });
    } finally {
      this.patience.restart();
      this.search = search;
    }
    if (offered !== undefined) this.restore(...offered);
  }

  private tellProgress(): void {
    this.options.progress?.(this.replayer.steps, this.lastStep);
  }

  /** Goes through part of the run; the timeline is at `to` then, or where `called` ended that, or somewhere behind the last that was sought. */
  goThrough(from: number, to: number, onlooker: Onlooker): void {
    const { replayer } = this;
    this.patience.restart();
    this.patience.goOn(to - from);
    let isOver = false;
    for (let at = from; at < to && !isOver; ) {
      const stretch = this.nextStretch(onlooker.sought?.(), at, to);
      if (stretch === undefined) return;
      this.seek(stretch.from);
      if (stretch.from > at) onlooker.skipped?.();
      const before = replayer.observer;
      replayer.observer = onlooker.observer ?? {};
      this.listener = (number) => {
        if (isOver || onlooker.called?.(number) !== true) return;
        isOver = true;
        replayer.machine.requestStop();
      };
      replayer.setInstrument(onlooker.instrument ?? this.marks);
      try {
        while (replayer.steps < stretch.to && !isOver) replayer.run(stretch.to);
      } finally {
        replayer.observer = before;
        this.listener = undefined;
        replayer.setInstrument(this.marks);
      }
      this.tellProgress();
      at = stretch.to;
    }
  }

  /** Bytes that the run writes to its standard output (1) or error (2). */
  outputBytes(stream: 1 | 2): number {
    this.complete();
    return this.index.outputBefore(this.index.count, stream);
  }

  /** Bytes that the run has written to a stream before a step. The timeline is moved. */
  outputBefore(stream: 1 | 2, step: number): number {
    this.extendTo(step);
    const { index, snapshots, replayer } = this;
    const segment = snapshots.before(step);
    let bytes = index.outputBefore(segment, stream);
    const observer = outputObserver(replayer, ({ stream: to, length }) => {
      if (to === stream) bytes += length;
    });
    this.goThrough(snapshots.stepOf(segment), step, { observer });
    return bytes;
  }

  /**
   * The system call that wrote a byte of the run's output. The timeline is moved.
   * @param byte counted from 0, of all that goes to the stream
   * @returns undefined if there are not so many
   */
  outputByte(stream: 1 | 2, byte: number): OutputHit | undefined {
    if (byte >= this.outputBytes(stream)) return undefined;
    const { index, snapshots, replayer } = this;
    const segment = index.segmentOfOutput(stream, byte);
    let first = index.outputBefore(segment, stream);
    let found: OutputHit | undefined;
    const observer = outputObserver(replayer, ({ stream: to, step, length }) => {
      if (to !== stream) return;
      if (byte >= first && byte < first + length) found = { step, pc: replayer.pc, pid: replayer.pid, tid: replayer.tid, kind: 'output', first, length };
      first += length;
    });
    this.goThrough(snapshots.stepOf(segment), snapshots.stepOf(segment + 1), { observer });
    return found;
  }

  /** The first part of a range, between two snapshots, that may have one of these, or anything where `probes` is undefined; undefined: no part has. */
  nextStretch(probes: readonly Probe[] | undefined, from: number, to: number, who: Pick<PlaceOptions, 'pid' | 'tid' | 'memory'> = {}): StepRange | undefined {
    for (let start = from; start < to; ) {
      this.extendTo(start + 1);
      const segment = this.snapshots.before(start);
      const end = Math.min(to, this.snapshots.stepOf(segment + 1));
      if (this.mayRun(segment, who) && (probes === undefined || probes.some((probe) => this.mayBeIn(segment, probe, who.memory))))
        return { from: start, to: end };
      start = end;
    }
    return undefined;
  }

  /** The last part of a range, between two snapshots, that may have something. */
  private previousStretch(probe: Probe, from: number, to: number, who: PlaceOptions): StepRange | undefined {
    this.extendTo(to);
    for (let end = to; end > from; ) {
      const segment = this.snapshots.before(end - 1);
      const start = Math.max(from, this.snapshots.stepOf(segment));
      if (this.mayRun(segment, who) && this.mayBeIn(segment, probe, who.memory)) return { from: start, to: end };
      end = start;
    }
    return undefined;
  }

  /** The first time, from `from` on, that something happens. The timeline is somewhere behind it then. */
  next(probe: Probe, options: SearchOptions = {}): Hit | undefined {
    return this.find(probe, { ...options, limit: 1 })[0];
  }

  /** All times, up to `limit`, in the run's order. */
  find(probe: Probe, options: SearchOptions = {}): readonly Hit[] {
    const { limit = Number.POSITIVE_INFINITY } = options;
    const hits: Hit[] = [];
    for (const life of [...this.livesOf(probe, options)].reverse()) {
      if (hits.length >= limit) break;
      const most = limit - hits.length;
      const found = life.places.map((place) => this.findInRange(place.probe, { ...options, ...optionsOf(life, place), limit: most }));
      hits.push(...(found.length === 1 ? found[0] : inOrder(found.flat()).slice(0, most)));
    }
    return hits;
  }

  /** Where what is looked for was while the run went on, the last first: see Life. */
  livesOf(probe: Probe, { to = this.lastStep, ...options }: SearchOptions): readonly Life[] {
    const { openFiles, replayer, snapshots } = this;
    const { memoryOf } = options;
    if (memoryOf !== undefined) this.extendTo(to);
    // It may be made later: its memory is its parent's until then.
    if (memoryOf !== undefined && memoryOf !== snapshots.at(0).pid && openFiles.parentOf(memoryOf) === undefined) this.complete();
    return livesOf(probe, { ...options, to }, { parentOf: (pid) => openFiles.parentOf(pid), shared: replayer.shared });
  }

  private findInRange(probe: Probe, options: PlaceOptions): readonly Hit[] {
    const { from = 0, to = this.lastStep, limit = Number.POSITIVE_INFINITY } = options;
    return this.searching(probe, options, (hits) => {
      for (let at = from; hits.length < limit; ) {
        const stretch = this.nextStretch([probe], at, to, options);
        if (stretch === undefined) break;
        const near = Math.min(stretch.to, stretch.from + NEAR);
        this.searchRange(probe, stretch.from, near);
        if (hits.length < limit && near < stretch.to) this.searchRange(probe, near, stretch.to);
        at = stretch.to;
      }
    });
  }

  /** The last time, before `to`, that something happens. */
  previous(probe: Probe, options: SearchOptions = {}): Hit | undefined {
    for (const life of this.livesOf(probe, options)) {
      let hit: Hit | undefined;
      // Of what is at several addresses, the last write counts.
      for (const place of life.places)
        hit = this.previousInRange(place.probe, { ...options, ...optionsOf(life, place), ...(hit && { from: hit.step + 1 }) }) ?? hit;
      if (hit !== undefined) return hit;
    }
    return undefined;
  }

  private previousInRange(probe: Probe, options: PlaceOptions): Hit | undefined {
    const { from = 0, to = this.lastStep } = options;
    const { limit: _, ...unlimited } = options;
    return this.searching(probe, unlimited, (hits) => {
      for (let end = to; hits.length === 0; ) {
        const stretch = this.previousStretch(probe, from, end, options);
        if (stretch === undefined) break;
        this.searchLast(probe, stretch, hits);
        end = stretch.from;
      }
    }).at(-1);
  }

  /** Whether a process, or thread, ran in a stretch between two snapshots. */
  private mayRun(segment: number, { pid, tid }: Pick<SearchOptions, 'pid' | 'tid'>): boolean {
    const { tids, pids } = this.index.told(segment);
    return (tid === undefined || tids.includes(tid)) && (pid === undefined || pids.includes(pid));
  }

  /** Whether a stretch between two snapshots may have what is looked for. */
  private mayBeIn(segment: number, probe: Probe, memory: MemoryPlace | undefined): boolean {
    const { index } = this;
    const { pids, tids, calls, signals, output } = index.told(segment);
    switch (probe.kind) {
      case 'execute':
        return index.mayExecute(segment, probe.pc);
      case 'access':
        if (memory !== undefined && !pids.includes(memory.pid) && !this.snapshots.isShared(segment, memory.pid, memory.address)) return false;
        return this.mayAccess(segment, probe);
      case 'syscall':
        return probe.number === undefined ? calls.length > 0 : calls.includes(probe.number);
      case 'signal':
        return probe.signal === undefined ? signals.length > 0 : signals.includes(probe.signal);
      case 'output':
        return output[probe.stream - 1] > 0;
      case 'thread':
        return tids.includes(probe.tid);
      default:
        return true;
    }
  }

  /** Looks within a stretch between two snapshots, so that the last hit is the last that there is. */
  private searchLast(probe: Probe, { from, to }: StepRange, hits: Hit[]): void {
    const near = Math.max(from, to - NEAR);
    const isRare = hasCells(probe) || probePass(probe, this.translated) === undefined;
    // What is far can be looked at on the way.
    if (isRare) this.searchRange(probe, from, to, near);
    else this.searchRange(probe, near, to);
    const wasCut = (this.search?.far ?? 0) > FEW;
    if (from === near || (hits.at(-1)?.step ?? -1) >= near || (isRare && !wasCut)) return;
    hits.length = 0;
    this.searchRange(probe, from, near);
  }

  /** Looks within a stretch between two snapshots. @param near up to this step, FEW hits are enough */
  private searchRange(probe: Probe, from: number, to: number, near = 0): void {
    const { search, replayer, searchedReads } = this;
    this.patience.goOn(to - from);
    const isForReads = probe.kind === 'access' && probe.reads;
    if (isForReads && !this.mayAccessAgain(probe, from, to)) return;
    if (search === undefined) return;
    const { memory } = replayer.machine.space;
    const instrument = probePass(probe, this.translated) ?? this.marks;
    this.search = undefined;
    // On the way there, too, so that it need not be translated for both.
    if (hasCells(probe)) replayer.setInstrument(instrument);
    this.seek(from);
    this.search = search;
    replayer.setInstrument(instrument);
    if (isForReads) searchedReads.begin();
    search.near = near;
    search.far = 0;
    const { limit = Number.POSITIVE_INFINITY } = search.options;
    try {
      for (const until of near > from ? [near, to] : [to]) {
        armProbe(memory, probe);
        while (replayer.steps < until) if (replayer.run(until) === 'stop' && search.hits.length >= limit) return;
      }
    } finally {
      disarmProbe(memory, probe);
    }
    if (isForReads) searchedReads.end(from, to);
    this.settle();
    this.tellProgress();
  }

  /** Whether a stretch may have accesses that are looked for. */
  private mayAccess(segment: number, { address, bytes, reads, writes }: Extract<Probe, { kind: 'access' }>): boolean {
    const [from, to] = [segment, segment + 1].map((number) => this.snapshots.stepOf(number));
    if (reads && this.builder.allReads.mayRead(from, to, address, bytes)) return true;
    return writes && this.index.mayWrite(segment, address, bytes);
  }

  /** Whether part of such a stretch may, after all that has been searched. */
  private mayAccessAgain({ address, bytes, reads, writes }: Extract<Probe, { kind: 'access' }>, from: number, to: number): boolean {
    if (reads && this.searchedReads.mayRead(from, to, address, bytes)) return true;
    return writes && this.index.mayWrite(this.snapshots.before(from), address, bytes);
  }

  private searching(probe: Probe, options: PlaceOptions, run: (hits: Hit[]) => void): readonly Hit[] {
    const { replayer } = this;
    const hits: Hit[] = [];
    this.search = { probe, hits, options, near: 0, far: 0, write: undefined };
    this.patience.restart();
    const { observer } = replayer;
    replayer.observer = probeObserver(
      replayer,
      probe,
      (found) => this.add(kernelKind(probe), found),
      () => this.settle(),
    );
    try {
      run(hits);
    } finally {
      replayer.observer = observer;
      this.search = undefined;
      replayer.setInstrument(this.marks);
    }
    return hits;
  }

  /** A callback of code, see MachineHooks.callback. */
  private called(number: number): boolean {
    const { search } = this;
    if (this.listener !== undefined) this.listener(number);
    else if (search?.probe.kind !== 'register' || search.probe.changes !== true) {
      this.add(KINDS[number]);
      this.countFar();
    } else {
      this.settle();
      search.write = { hit: this.hitOf('register', search.probe, undefined), value: registerValue(this.replayer, search.probe.register) };
    }
    return false;
  }

  /** See MachineHooks.watched. */
  private watched(address: number, bytes: number): void {
    const number = this.search && watchedCall(this.search.probe, address, bytes);
    if (number !== undefined) this.called(number);
  }

  /** There has been one more hit: if there are many, and they are far, no more are looked for there. */
  private countFar(): void {
    const { search, replayer } = this;
    if (search === undefined || replayer.steps >= search.near || ++search.far <= FEW) return;
    disarmProbe(replayer.machine.space.memory, search.probe);
  }

  /** The register that was written last, if only changes are looked for, has its value now. */
  private settle(): void {
    const { search } = this;
    if (search?.write === undefined || search.probe.kind !== 'register') return;
    const { hit, value } = search.write;
    search.write = undefined;
    // What another thread has in it says nothing.
    if (hit.tid === this.replayer.tid && value !== registerValue(this.replayer, search.probe.register)) this.take(hit, search);
  }

  private add(kind: Hit['kind'], { pid, space = this.replayer.machine.space }: Found = {}): void {
    const { search } = this;
    if (search === undefined) return;
    const { options, probe } = search;
    // What a process writes to another one's memory is not in its own.
    if (options.pid !== undefined && space !== this.replayer.machine.space) return;
    if (options.memory !== undefined && probe.kind === 'access' && !this.isMemoryOf(options.memory, space, probe.address)) return;
    this.take(this.hitOf(kind, probe, pid), search);
  }

  /** Whether what is at an address is a process's memory. */
  private isMemoryOf({ pid, address: ownAddress }: MemoryPlace, space: AddressSpace, address: number): boolean {
    const own = this.replayer.memoryOf(pid);
    if (own === undefined || (own === space && ownAddress === address)) return own === space;
    const shared = own.sharedStorage(ownAddress);
    return shared !== undefined && shared === space.sharedStorage(address);
  }

  /** What has just been found. @param pid of another process than the one that runs */
  private hitOf(kind: Hit['kind'], probe: Probe, pid: number | undefined): Hit {
    const { replayer } = this;
    // Where a block begins that has the instruction; all of it will be executed, as it stops at no step between.
    const ahead = probe.kind === 'execute' ? probe.pc - replayer.pc : 0;
    // What the kernel does comes behind the instruction that is completed.
    const step = replayer.steps + (KERNEL_KINDS.has(kind) ? -1 : ahead / INSN_BYTES);
    return { step, pc: replayer.pc + ahead, pid: pid ?? replayer.pid, tid: replayer.tid, kind };
  }

  private take(hit: Hit, { hits, options }: Search): void {
    const { pid, tid, limit = Number.POSITIVE_INFINITY, to = Number.POSITIVE_INFINITY, place } = options;
    if ((pid !== undefined && hit.pid !== pid) || (tid !== undefined && hit.tid !== tid)) return;
    if (hit.step >= to || hits.length >= limit) return;
    // An instruction with two accesses, or one that is begun again, counts once.
    const last = hits.at(-1);
    if (last?.step === hit.step && last.tid === hit.tid) return;
    hits.push(place === undefined ? hit : { ...hit, memory: place });
    if (hits.length >= limit) this.replayer.machine.requestStop();
  }
}
