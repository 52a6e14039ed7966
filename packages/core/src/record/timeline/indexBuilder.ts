import type { Instrument } from '../../engine/index.ts';
import { OpenFiles } from '../openFiles.ts';
import { ReplayedRun } from '../replayedRun.ts';
import type { Replayer, ReplayObserver } from '../replayer.ts';
import type { MarkBytes } from './markBytes.ts';
import { MarkGroups } from './markGroups.ts';
import { NewPages } from './newPages.ts';
import { Pace } from './pace.ts';
import { LISTED_ROOM } from './pageCodec.ts';
import { MARK_ROOM, READ_MARK_MASK, WRITE_MARK_MASK } from './probes.ts';
import { ReadRanges } from './readRanges.ts';
import { SegmentIndex } from './segmentIndex.ts';
import { Snapshots } from './snapshots.ts';
import type { IndexOptions } from './timelineOptions.ts';
import { WrittenWords } from './writtenWords.ts';

/** Steps of the first stretch. */
const FIRST_STRETCH = 200_000;
const READ_STEPS = 10_000_000;
const MOST_SNAPSHOTS = 4000;
const SNAPSHOT_BYTES = 512 << 20;

/** How far a run is gone through, see IndexBuilder.extendTo. */
export interface Extent {
  /** Up to which step the next stretch may go, which would go up to `until`; the step where it begins: no further. Default: that far. */
  claim?(until: number): number;
  /** Asked before each stretch: whether that is enough. */
  isEnough?(): boolean;
}

/** Goes through a run for the first time, or through part of it, with snapshots and marks. */
export class IndexBuilder {
  readonly snapshots: Snapshots;
  /** What processes have open, as far as the run has been gone through. */
  readonly openFiles: OpenFiles;
  /** Of the whole run, in ranges. */
  readonly allReads: ReadRanges;
  readonly index: SegmentIndex;
  /** Which marks of reads there can be. */
  readonly readGroups: MarkGroups;
  private readonly newPages: NewPages;
  private readonly words: WrittenWords;
  private readonly pace: Pace;
  private readonly run: ReplayedRun;
  private isExtending = false;
  private readonly indexing: ReplayObserver;

  constructor(
    private readonly replayer: Replayer,
    private readonly marks: Instrument,
    marked: MarkBytes,
    private readonly options: IndexOptions,
  ) {
    this.snapshots = new Snapshots(replayer, (stretch) => this.index.pagesOf(stretch));
    this.openFiles = new OpenFiles(replayer);
    this.readGroups = new MarkGroups(replayer, READ_MARK_MASK);
    this.allReads = new ReadRanges(marked, this.readGroups);
    this.index = new SegmentIndex(replayer.machine.space.memory, marked, new MarkGroups(replayer, WRITE_MARK_MASK), this.allReads, [
      replayer.files,
      replayer.shared,
      this.openFiles,
    ]);
    this.newPages = new NewPages(replayer);
    this.words = new WrittenWords(replayer.machine.space.memory, MARK_ROOM, LISTED_ROOM);
    this.pace = new Pace(options.firstStretch ?? FIRST_STRETCH);
    this.run = new ReplayedRun(replayer, this.openFiles.events);
    this.indexing = this.indexer();
  }

  /** Runs up to a step without marks, as what comes before has an index of its own; what processes have open is known there, too. */
  skipTo(step: number): void {
    const { replayer, run } = this;
    const { observer } = replayer;
    replayer.setInstrument(undefined);
    replayer.observer = { enterCall: (number) => run.enterCall(number), returned: (result) => run.returned(result), switched: () => run.switched() };
    try {
      while (replayer.steps < step) replayer.run(step);
    } finally {
      replayer.observer = observer;
    }
  }

  /** The index begins at the replay's present step. */
  begin(): void {
    const { snapshots, replayer, pace } = this;
    snapshots.take();
    if (replayer.steps > 0) pace.beginWithin(replayer.steps, snapshots.pages);
  }

  /** Code is translated, to be executed from now on. */
  translated(pc: number, bytes: number): void {
    const { index, snapshots, replayer } = this;
    // Where part of the run is gone through again, it has been executed before, but maybe not in blocks of its own.
    index.translated(pc, bytes, this.isExtending ? index.count : Math.max(0, snapshots.before(replayer.steps)));
  }

  /** Goes on from the last snapshot, at least to a step. */
  extendTo(step: number, { claim = (until) => until, isEnough = () => false }: Extent = {}): void {
    const { replayer, snapshots, index, options } = this;
    const { observer } = replayer;
    replayer.setInstrument(this.marks);
    replayer.observer = this.indexing;
    // What happens at that step has been told, wherever within it the replay may be.
    if (replayer.steps !== snapshots.lastStep || replayer.isPaused) snapshots.restore(snapshots.count - 1);
    const endWatch = this.newPages.watch();
    let readFrom = snapshots.lastStep;
    const endReads = (): void => {
      this.allReads.end(readFrom, snapshots.lastStep);
      readFrom = snapshots.lastStep;
    };
    this.allReads.begin();
    index.restart();
    this.isExtending = true;
    try {
      while (snapshots.lastStep < step && !isEnough()) {
        const until = claim(Math.min(snapshots.lastStep + this.pace.stretch, replayer.lastStep));
        if (until <= snapshots.lastStep) break;
        const began = options.now();
        index.begin(replayer.pid, replayer.tid);
        while (replayer.steps < until) replayer.run(until);
        this.takeSnapshot(options.now() - began);
        if (snapshots.lastStep >= readFrom + (options.readSteps ?? READ_STEPS)) endReads();
        options.progress?.(replayer.steps, replayer.lastStep);
      }
    } finally {
      // Also where somebody has ended that: what has been marked behind the last snapshot says too much, and nothing wrong.
      this.isExtending = false;
      endReads();
      endWatch();
      replayer.observer = observer;
    }
  }

  /** Tells the index what happens while the run is gone through. */
  private indexer(): ReplayObserver {
    const { index, replayer, run } = this;
    const { machine } = replayer;
    return {
      wrote: (space, address, bytes) => {
        index.wrote(address, bytes);
        if (space !== machine.space) for (const pid of replayer.processesWith(space)) index.touched(pid);
      },
      thread: (pid, tid) => index.thread(pid, tid),
      enterCall(number) {
        index.called(number);
        run.enterCall(number);
      },
      returned: (result) => run.returned(result),
      switched: () => run.switched(),
      signal: (_, signal) => index.signal(signal),
      output: (stream, bytes) => index.output(stream, bytes),
    };
  }

  /** A stretch ends. @param took milliseconds of it */
  private takeSnapshot(took: number): void {
    const { snapshots, options, newPages, index, pace } = this;
    const began = options.now();
    const written = index.written();
    const pages = snapshots.take({
      written,
      mayBeNew: (space, start, end) => newPages.hasAny(space, start, end),
      words: this.words,
    });
    index.end();
    newPages.looked();
    pace.took(snapshots.lastStep, { stretch: took, snapshot: options.now() - began, pages, words: written.words });
    // Stretches are joined two by two, so that there must be an even number of them.
    if (snapshots.count % 2 === 0 || (snapshots.count <= MOST_SNAPSHOTS && snapshots.bytes <= (options.snapshotBytes ?? SNAPSHOT_BYTES))) return;
    snapshots.thin();
    index.thin();
    pace.thin();
  }
}
