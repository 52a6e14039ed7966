import { Replayer } from '../replayer.ts';
import { IndexBuilder } from './indexBuilder.ts';
import { writeIndex } from './indexFile.ts';
import { KeptCode } from './keptCode.ts';
import { MarkBytes } from './markBytes.ts';
import type { PartPlan } from './partPlan.ts';
import { MARK_ROOM, markPass } from './probes.ts';
import type { TimelineOptions } from './timelineOptions.ts';

/** Makes the index of one part of a run, while others, in other threads, make those of the others. */
export class IndexPart {
  private readonly replayer: Replayer;
  private readonly builder: IndexBuilder;
  private readonly code: KeptCode;
  private begin = 0;

  /** @throws UserError if the journal is damaged */
  constructor({ guest, journal, machine = {}, build, ...options }: TimelineOptions) {
    this.code = new KeptCode(build ?? '');
    const marks = markPass((pc, bytes) => this.builder.translated(pc, bytes));
    const keeping = build === undefined ? {} : { translations: this.code, keptWish: marks.wish };
    this.replayer = new Replayer({ guest, journal, machine: { ...machine, ...keeping } });
    this.builder = new IndexBuilder(this.replayer, marks, new MarkBytes(this.replayer.machine.space.memory, MARK_ROOM), options);
  }

  /**
   * Goes through the part, from the run's start on.
   * @returns false if there is none: others have gone through all
   * @throws UserError if the journal is damaged
   */
  make(plan: PartPlan): boolean {
    const { replayer, builder } = this;
    const { lastStep } = replayer;
    for (let next = plan.skipTo(0); next > replayer.steps; next = plan.skipTo(next)) {
      builder.skipTo(next);
      if (next >= lastStep) return false;
    }
    this.begin = replayer.steps;
    builder.begin();
    builder.extendTo(lastStep, { claim: (until) => plan.claim(until) });
    return true;
  }

  /** For a file, once it has been made: parts, each valid until the next is asked for, the table last. See KeptIndex. */
  save(): Iterable<Uint8Array> {
    const { replayer, builder, code } = this;
    replayer.machine.saveTranslations();
    return writeIndex(builder, code, { isFirst: this.begin === 0, isLast: builder.snapshots.lastStep === replayer.lastStep });
  }
}
