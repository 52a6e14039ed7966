import { createRingControl, RingDrain, type Symbolize, type TraceLevel, TraceReader, Tracer, type TraceVisitor, wholeWish } from '../trace/index.ts';
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

  /** @throws UserError if the journal is damaged */
  constructor({ level = 'values', symbolize, ...options }: ReplayReaderOptions) {
    const { guest, machine = {} } = options;
    const hooks = {
      ringFull: () => this.tracer.hooks.ringFull?.(),
      blockCutShort: (completed: number) => this.tracer.hooks.blockCutShort?.(completed),
      budget: () => this.tracer.hooks.budget?.(),
      ...machine.hooks,
    };
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
      wish: wholeWish(level),
      stepBase: () => replayer.steps - replayer.machine.steps,
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
   * @returns the step that it has come to
   */
  read(from: number, to: number, visitor: TraceVisitor, isEnough: () => boolean = () => false): number {
    const { timeline, tracer, run } = this;
    const { replayer } = timeline;
    timeline.seek(from);
    run.goOn();
    tracer.switched(replayer.pid, replayer.tid);
    tracer.open();
    tracer.flush();
    this.visitor = visitor;
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

  private take(): void {
    const { drain, reader } = this;
    while (drain.take((records) => reader.read(records, this.visitor))) {}
  }
}

const NOBODY: TraceVisitor = { insn: () => undefined, event: () => undefined };

/** Steps after which whoever reads is asked whether it is enough. */
const SLICE = 1_000_000;
