import { assert } from '../../base/index.ts';
import { EntryCursor, EntryKind } from '../journal/entries.ts';
import type { JournalReader } from '../journal/journalReader.ts';
import type { Stretch, Timeline } from '../timeline/timeline.ts';
import { EventReader, type RecordedEvent } from './eventReader.ts';

/** Stretches whose events are kept. */
const KEPT = 16;

export type EventKind = RecordedEvent['kind'];

/** A place among recorded events. */
export type EventPlace = Pick<RecordedEvent, 'step' | 'order'>;

/** Whether `a` comes before `b`. */
export const isBefore = (a: EventPlace, b: EventPlace): boolean => a.step < b.step || (a.step === b.step && a.order < b.order);

/** What a stretch has. */
interface Known {
  readonly to: number;
  readonly kinds: ReadonlySet<EventKind>;
  /** undefined: they have to be read again. */
  events: readonly RecordedEvent[] | undefined;
}

/** What a recording's journal tells besides registers and memory, forwards and backwards from anywhere. The run is gone through as far as is asked. */
export class RecordedEvents {
  /** By the step at which a stretch begins. */
  private readonly known = new Map<number, Known>();
  /** Of those whose events are kept, the oldest first. */
  private readonly kept: Known[] = [];

  constructor(
    private readonly timeline: Timeline,
    private readonly journal: JournalReader,
  ) {}

  /** Events behind a place, in the run's order. @param kinds of interest: stretches without any of these may be left out */
  *after(place: EventPlace, kinds?: readonly EventKind[]): Generator<RecordedEvent> {
    const { timeline } = this;
    let last: EventPlace = place;
    // Another one may begin before the last one's end, if there is an index meanwhile.
    for (let stretch = timeline.stretchAround(Math.max(0, place.step - 1)); stretch !== undefined; stretch = timeline.stretchAround(stretch.to)) {
      const events = this.eventsOf(stretch, kinds);
      // Those of a stretch may be many.
      for (let i = firstAfter(events, last); i < events.length; i++) {
        yield events[i];
        last = events[i];
      }
    }
  }

  /** Events before a place, the last one first. @param kinds see `after` */
  *before(place: EventPlace, kinds?: readonly EventKind[]): Generator<RecordedEvent> {
    const { timeline } = this;
    let last: EventPlace = place;
    let stretch = timeline.stretchAround(place.step) ?? timeline.stretchAround(timeline.lastStep - 1);
    while (stretch !== undefined) {
      const events = this.eventsOf(stretch, kinds);
      let i = firstAfter(events, last) - 1;
      while (i >= 0 && !isBefore(events[i], last)) i--;
      for (; i >= 0; i--) {
        yield events[i];
        last = events[i];
      }
      stretch = stretch.from === 0 ? undefined : timeline.stretchAround(stretch.from - 1);
    }
  }

  /** Events of a stretch; none if it is known that it has none of these. */
  private eventsOf(stretch: Stretch, kinds: readonly EventKind[] | undefined): readonly RecordedEvent[] {
    let known = this.known.get(stretch.from);
    if (known?.to !== stretch.to) known = undefined;
    const { kinds: has } = known ?? {};
    if (kinds !== undefined && has !== undefined && !kinds.some((kind) => has.has(kind))) return [];
    if (known?.events !== undefined) return known.events;
    const events = this.readStretch(stretch);
    const read: Known = { to: stretch.to, kinds: new Set(events.map(({ kind }) => kind)), events };
    this.known.set(stretch.from, read);
    this.kept.push(read);
    const oldest = this.kept.length > KEPT ? this.kept.shift() : undefined;
    if (oldest !== undefined) oldest.events = undefined;
    return events;
  }

  private readStretch({ place, to, pid, tid }: Stretch): readonly RecordedEvent[] {
    const { journal } = this;
    const reader = new EventReader(pid, tid);
    let { position, step } = place;
    for (let { frame } = place; frame < journal.frameCount; frame++) {
      const cursor = new EntryCursor(journal.entries(frame), { position, step });
      while (!cursor.atEnd) {
        const { kind, step: at, rest } = cursor.next();
        if (at > to) return reader.events;
        if (kind === EntryKind.call || kind === EntryKind.stop) reader.entry(kind, at, rest);
      }
      ({ step } = cursor);
      assert(frame + 1 >= journal.frameCount || journal.stepOf(frame + 1) === step, 'frames of entries follow each other');
      position = 0;
    }
    return reader.events;
  }
}

/** Index of the first event behind a place. */
function firstAfter(events: readonly RecordedEvent[], place: EventPlace): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(place, events[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
