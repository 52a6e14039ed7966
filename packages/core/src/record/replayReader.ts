import { createRingControl, RingDrain, type Symbolize, type TraceLevel, TraceReader, Tracer, type TraceVisitor, type Wish, wholeWish } from '../trace/index.ts';
import { ReplayedRun } from './replayedRun.ts';
import { Timeline, type TimelineOptions } from './timeline/timeline.ts';

export interface ReplayReaderOptions extends TimelineOptions {
  /** How much is read of each instruction; default `values`. */
  readonly level?: TraceLevel;
  readonly symbolize?: (run: ReplayedRun) => Symbolize;
}

/** Reads a recorded run as if it were a trace: any stretch of it, again and again. Nothing but the stretch itself is traced. */
export class ReplayReader {
  readonly timeline: Timeline;
  readonly run: ReplayedRun;
  /** Has the values and the state of the instruction that is shown. */
  readonly reader: TraceReader;
  private readonly tracer: Tracer;
  private readonly drain: RingDrain;
  private readonly control = createRingControl();
  private visitor: TraceVisitor = NOBODY;
  private readonly wish: Wish;
  /** The tracer's. */
  private given: Wish;

  /** @throws UserError if the journal is damaged */
  constructor({ level = 'values', symbolize, ...options }: ReplayReaderOptions) {
    const { guest, machine = {} } = options;
    const hooks = {
      ringFull: () => this.tracer.hooks.ringFull?.(),
      blockCutShort: (completed: number) => this.tracer.hooks.blockCutShort?.(completed),
      budget: () => this.tracer.hooks.budget?.(),
      ...machine.hooks,
    };
    this.wish = wholeWish(level);
    this.given = this.wish;
    this.timeline = new Timeline({ ...options, machine: { ...machine, hooks } });
    const { replayer } = this.timeline;
    this.run = new ReplayedRun(replayer, {
      enter: () => this.tracer.enterSyscall(),
      leave: (_, result) => this.tracer.leaveSyscall(result),
      switched: ({ process, tid }) => this.tracer.switched(process.pid, tid),
    });
    replayer.observer = this.run;
    this.reader = new TraceReader(guest.state);
    const made = symbolize?.(this.run);
    this.tracer = new Tracer({
      state: guest.state,
      abi: guest.linux,
      control: this.control,
      send: (definitions) => this.reader.define(definitions),
      wait: () => this.take(),
      wish: this.wish,
      stepBase: () => (this.given.isWhole ? this.stepBase : 0),
      ...(made === undefined ? {} : { symbolize: made }),
      // What has been published is read at once: there is nobody else.
      onChunk: () => this.take(),
    });
    this.tracer.attach(replayer.machine);
    this.drain = new RingDrain(replayer.machine.space.memory.memory.buffer, this.control);
  }

  /** Instructions of the run. */
  get lastStep(): number {
    return this.timeline.lastStep;
  }

  /**
   * Shows what happens from one step on, up to before another.
   * @param isEnough asked now and then; true ends it early
   * @param wish which instructions are shown, and how much of each; default: all, at the reader's level
   * @returns the step that it has come to
   */
  read(from: number, to: number, visitor: TraceVisitor, isEnough: () => boolean = () => false, wish: Wish = this.wish): number {
    const { timeline, tracer, run } = this;
    if (wish !== this.given) tracer.setWish(wish);
    this.given = wish;
    const { replayer } = timeline;
    timeline.seek(from);
    run.goOn();
    tracer.switched(replayer.pid, replayer.tid);
    tracer.open();
    tracer.flush();
    this.visitor = wish.isWhole ? visitor : this.counted(visitor);
    // A chunk at a time is read when it is full.
    for (let until = from; until < to && !isEnough(); ) {
      until = Math.min(to, until + SLICE);
      if (replayer.run(until) === 'end') break;
    }
    tracer.flush();
    this.visitor = NOBODY;
    tracer.pause();
    return replayer.steps;
  }

  /** Steps of the run when the machine had done none, as things are now. */
  private get stepBase(): number {
    const { replayer } = this.timeline;
    return replayer.steps - replayer.machine.steps;
  }

  /** Where not all is wanted, records have the machine's own count of steps: shows the run's. */
  private counted(visitor: TraceVisitor): TraceVisitor {
    const { reader, stepBase } = this;
    const { block, skip } = visitor;
    const atStep = (show: () => void): void => {
      reader.step += stepBase;
      show();
      reader.step -= stepBase;
    };
    return {
      looksAtState: visitor.looksAtState !== false,
      insn: (shape) => atStep(() => visitor.insn(shape)),
      event: (event) => atStep(() => visitor.event(event)),
      ...(block === undefined ? {} : { block: (program, completed) => atStep(() => block(program, completed)) }),
      ...(skip === undefined ? {} : { skip: (insns) => skip(insns) }),
    };
  }

  private take(): void {
    const { drain, reader } = this;
    while (drain.take((records) => reader.read(records, this.visitor))) {}
  }
}

const NOBODY: TraceVisitor = { insn: () => undefined, event: () => undefined };

/** Steps after which whoever reads is asked whether it is enough. */
const SLICE = 1_000_000;
