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

/** What a recording's journal tells besides registers and memory, forwards and backwards from anywhere. Nothing is replayed. */
export class RecordedEvents {
  private readonly read = new Map<number, readonly RecordedEvent[]>();
  /** Kinds of events that there are in stretches that have been read. */
  private readonly kinds = new Map<number, ReadonlySet<EventKind>>();

  constructor(
    private readonly timeline: Timeline,
    private readonly journal: JournalReader,
  ) {}

  /** Events behind a place, in the run's order. @param kinds of interest: stretches without any of these may be left out */
  *after(place: EventPlace, kinds?: readonly EventKind[]): Generator<RecordedEvent> {
    for (let number = Math.max(0, this.timeline.stretchOf(place.step - 1)); ; number++) {
      if (this.isKnownWithout(number, kinds)) continue;
      const events = this.eventsOf(number);
      if (events === undefined) return;
      // Those of a stretch may be many.
      for (let i = firstAfter(events, place); i < events.length; i++) yield events[i];
    }
  }

  /** Events before a place, the last one first. @param kinds see `after` */
  *before(place: EventPlace, kinds?: readonly EventKind[]): Generator<RecordedEvent> {
    for (let number = this.timeline.stretchOf(place.step); number >= 0; number--) {
      if (this.isKnownWithout(number, kinds)) continue;
      const events = this.eventsOf(number) ?? [];
      let i = firstAfter(events, place) - 1;
      while (i >= 0 && !isBefore(events[i], place)) i--;
      for (; i >= 0; i--) yield events[i];
    }
  }

  private isKnownWithout(number: number, kinds: readonly EventKind[] | undefined): boolean {
    const known = this.kinds.get(number);
    return kinds !== undefined && known !== undefined && !kinds.some((kind) => known.has(kind));
  }

  private eventsOf(number: number): readonly RecordedEvent[] | undefined {
    const known = this.read.get(number);
    if (known !== undefined) return known;
    const stretch = this.timeline.stretchAt(number);
    if (stretch === undefined) return undefined;
    const events = this.readStretch(stretch);
    for (const [oldest] of this.read) if (this.read.size >= KEPT) this.read.delete(oldest);
    this.read.set(number, events);
    this.kinds.set(number, new Set(events.map(({ kind }) => kind)));
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
