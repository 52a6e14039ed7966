import { SLOT_BYTES, SLOTS, SLOTS_END } from './linearMemory.ts';

const COUNT = Math.floor((SLOTS_END - SLOTS) / SLOT_BYTES);

/** The last slot never remembers anything: it is what there is when all others are taken. */
export const LAST_SLOT = SLOTS + (COUNT - 1) * SLOT_BYTES;

/** Slots that are no area's and no module's, from the start: more than most runs make. */
const FIRST_OF_AREAS = Math.floor(COUNT / 4);

/** Linear offsets: of the first slot, and behind the last. */
export interface SlotSpan {
  readonly first: number;
  readonly end: number;
}

/** Adds a slot to spans, which only grow at the end. */
export function addSlot(spans: { first: number; end: number }[], slot: number): void {
  const last = spans.at(-1);
  if (last?.end === slot) last.end += SLOT_BYTES;
  else spans.push({ first: slot, end: slot + SLOT_BYTES });
}

/**
 * Which memory check slots are taken. Most are taken one after the other, from the first on. Modules that are kept compiled have
 * theirs in an *area* that the name of their code decides, and mostly find them free in a run.
 */
export class CheckSlots {
  private end = 0;
  /** One byte a slot; made when there is an area, or slots have been released. */
  private taken: Uint8Array | undefined;
  /** How many of 0..end have been released, and where the next of them is looked for. */
  private released = 0;
  private nextReleased = 0;
  /** What is taken besides 0..end, by numbers of slots. */
  private readonly spans: { first: number; end: number }[] = [];

  /** @returns the linear offset of a slot that was free, or LAST_SLOT */
  allocate(): number {
    const { taken } = this;
    if (taken !== undefined) {
      while (taken[this.end] === 1) this.end++;
      taken[Math.min(this.end, COUNT - 1)] = 1;
    }
    return this.end >= COUNT - 1 ? this.allocateReleased() : offsetOf(this.end++);
  }

  /** There are no others left. */
  private allocateReleased(): number {
    const taken = this.takenSlots();
    if (this.released === 0) return LAST_SLOT;
    this.released--;
    while (taken[this.nextReleased] === 1) this.nextReleased = (this.nextReleased + 1) % (COUNT - 1);
    taken[this.nextReleased] = 1;
    return offsetOf(this.nextReleased);
  }

  /** Nobody uses the slots of these spans any more. */
  release(spans: readonly SlotSpan[]): void {
    const taken = this.takenSlots();
    for (const { first, end } of spans) {
      for (let slot = numberOf(first); slot < Math.min(numberOf(end), COUNT - 1); slot++) {
        if (slot < this.end && taken[slot] === 1) this.released++;
        taken[slot] = 0;
      }
    }
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

  /** Takes all slots of some spans. @returns false if one of them is taken, or among the first */
  claim(spans: readonly SlotSpan[]): boolean {
    const taken = this.takenSlots();
    const numbers = spans.map(({ first, end }) => ({ first: numberOf(first), end: numberOf(end) }));
    for (const { first, end } of numbers) {
      if (first < this.end || end >= COUNT || !(first < end)) return false;
      for (let slot = first; slot < end; slot++) if (taken[slot] === 1) return false;
    }
    for (const span of numbers) taken.fill(1, span.first, span.end);
    this.spans.push(...numbers);
    return true;
  }

  /** No area is to have these slots: other code has them. The smallest first, as far as half of all slots are left. */
  avoid(others: readonly (readonly SlotSpan[])[]): void {
    const taken = this.takenSlots();
    let room = (COUNT - FIRST_OF_AREAS) / 2;
    for (const spans of [...others].sort((a, b) => slotsIn(a) - slotsIn(b))) {
      room -= slotsIn(spans);
      if (room < 0) return;
      for (const { first, end } of spans) taken.fill(1, numberOf(first), numberOf(end));
    }
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
const slotsIn = (spans: readonly SlotSpan[]): number => spans.reduce((sum, { first, end }) => sum + (end - first) / SLOT_BYTES, 0);
const numberOf = (offset: number): number => (offset - SLOTS) / SLOT_BYTES;
