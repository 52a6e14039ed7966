import { SLOT_BYTES, SLOTS, SLOTS_END } from './linearMemory.ts';

const COUNT = Math.floor((SLOTS_END - SLOTS) / SLOT_BYTES);

/** The last slot never remembers anything: it is what there is when all others are taken. */
export const LAST_SLOT = SLOTS + (COUNT - 1) * SLOT_BYTES;

/** Slots that are no area's and no module's, from the start. */
const FIRST_OF_AREAS = 4096;

/** Linear offsets: of the first slot, and behind the last. */
export interface SlotSpan {
  readonly first: number;
  readonly end: number;
}

/**
 * Which memory check slots are taken. Most are taken one after the other, from the first on. Code whose translations are kept from
 * one run to the next takes its own from an *area* that its name decides; so what an earlier run made of it mostly finds the slots
 * free that are in its code.
 */
export class CheckSlots {
  private end = 0;
  /** One byte a slot; made when there is an area. */
  private taken: Uint8Array | undefined;
  /** What is taken besides 0..end, by numbers of slots. */
  private readonly spans: { first: number; end: number }[] = [];

  /** @returns the linear offset of a slot that was free, or LAST_SLOT */
  allocate(): number {
    const { taken } = this;
    if (taken !== undefined) {
      while (taken[this.end] === 1) this.end++;
      taken[Math.min(this.end, COUNT - 1)] = 1;
    }
    return this.end >= COUNT - 1 ? LAST_SLOT : offsetOf(this.end++);
  }

  /** Slots beginning at a place that `name` decides: what is returned gives one at a time. */
  area(name: string): () => number {
    let hash = 0;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x9e37_79b1) ^ (hash >>> 15);
    let next = FIRST_OF_AREAS + ((hash >>> 0) % (COUNT - FIRST_OF_AREAS));
    let span: { first: number; end: number } | undefined;
    return () => {
      const taken = this.takenSlots();
      for (let tries = 0; taken[next] === 1 || next >= COUNT - 1; tries++) {
        if (tries === COUNT) return LAST_SLOT;
        next = next >= COUNT - 1 ? FIRST_OF_AREAS : next + 1;
      }
      taken[next] = 1;
      if (span?.end === next) span.end++;
      else {
        span = { first: next, end: next + 1 };
        this.spans.push(span);
      }
      return offsetOf(next++);
    };
  }

  /** Takes all slots of a span. @returns false if one of them is taken */
  claim({ first, end }: SlotSpan): boolean {
    const span = { first: numberOf(first), end: numberOf(end) };
    const taken = this.takenSlots();
    if (span.first < this.end || span.end >= COUNT || !(span.first < span.end)) return false;
    for (let slot = span.first; slot < span.end; slot++) if (taken[slot] === 1) return false;
    taken.fill(1, span.first, span.end);
    this.spans.push(span);
    return true;
  }

  /** All that are taken. */
  *all(): Generator<SlotSpan> {
    yield { first: SLOTS, end: offsetOf(this.end) };
    for (const { first, end } of this.spans) yield { first: offsetOf(first), end: offsetOf(end) };
  }

  private takenSlots(): Uint8Array {
    if (this.taken === undefined) {
      this.taken = new Uint8Array(COUNT);
      this.taken.fill(1, 0, this.end);
    }
    return this.taken;
  }
}

const offsetOf = (slot: number): number => SLOTS + slot * SLOT_BYTES;
const numberOf = (offset: number): number => (offset - SLOTS) / SLOT_BYTES;
