import { assert, fromHalves } from '../base/index.ts';
import { DEFINITION_HEADER, HAS_STEP } from './definition.ts';
import { EventCode, FIRST_EVENT } from './events.ts';

/** Calls `visit` with the place of each definition in `definitions`. @throws AssertionError if they are damaged */
export function forEachDefinition(definitions: Uint8Array, visit: (id: number, start: number, end: number) => void): void {
  const view = new DataView(definitions.buffer, definitions.byteOffset, definitions.length);
  for (let at = 0; at < definitions.length; ) {
    assert(definitions.length - at >= DEFINITION_HEADER, 'damaged block definition');
    const bytes = view.getUint32(at, true);
    assert(bytes >= DEFINITION_HEADER && bytes <= definitions.length - at, 'damaged block definition');
    visit(view.getUint32(at + 4, true), at, at + bytes);
    at += bytes;
  }
}

/** Bits of RecordTable.packed that are the record's words. */
export const WORDS_BITS = 17;
const WORDS_MASK = (1 << WORDS_BITS) - 1;

/** What it takes to step over records, by block number. */
export class RecordTable {
  /** Words of the record in the low 17 bits, instructions above; 0: not defined. */
  packed = new Int32Array(1024);
  /** Instructions that are not wanted. */
  unwanted = new Int32Array(1024);
  /** 1 for blocks whose records have their step. */
  hasStep = new Uint8Array(1024);
  /** True if there are blocks of which not everything is wanted. */
  isFiltered = false;
  /** Counts up with each change. */
  version = 0;

  define(definitions: Uint8Array): void {
    this.version++;
    const view = new DataView(definitions.buffer, definitions.byteOffset, definitions.length);
    forEachDefinition(definitions, (id, at) => {
      if (id >= this.packed.length) this.grow(id + 1);
      const words = view.getUint32(at + 8, true) >>> 2;
      const insns = view.getUint32(at + 12, true);
      const wanted = view.getUint32(at + 16, true);
      const unwanted = insns - (wanted & ~HAS_STEP);
      assert(words > 0 && words <= WORDS_MASK && insns < 1 << (31 - WORDS_BITS) && unwanted >= 0, `damaged definition of block ${id}`);
      this.packed[id] = words | (insns << WORDS_BITS);
      this.unwanted[id] = unwanted;
      this.hasStep[id] = wanted >>> 31;
      if (unwanted > 0 || wanted >>> 31 !== 0) this.isFiltered = true;
    });
  }

  /** Words of the block's record; 0 if the block is not defined. */
  recordWords(id: number): number {
    return id < this.packed.length ? this.packed[id] & WORDS_MASK : 0;
  }

  insns(id: number): number {
    return this.packed[id] >> WORDS_BITS;
  }

  wanted(id: number): number {
    return this.insns(id) - this.unwanted[id];
  }

  private grow(atLeast: number): void {
    const bigger = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(Math.max(atLeast, from.length * 2));
      to.set(from);
      return to;
    };
    this.packed = bigger(this.packed);
    this.unwanted = bigger(this.unwanted);
    const hasStep = new Uint8Array(this.packed.length);
    hasStep.set(this.hasStep);
    this.hasStep = hasStep;
  }
}

/** The first step from `step` on whose low 32 bits are `low`. */
export function stepNear(step: number, low: number): number {
  const ahead = ((low | 0) - (step | 0)) >>> 0;
  return step + ahead;
}

/** Records as words: those of a chunk begin on a word boundary. */
export function asWords(records: Uint8Array): Int32Array {
  assert(records.length % 4 === 0, 'trace records are not a whole number of words');
  const aligned = records.byteOffset % 4 === 0 ? records : records.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
}

/** The blocks that `records` are of, each once. @throws AssertionError if one is not defined */
export function blocksIn(records: Uint8Array, table: RecordTable): number[] {
  const words = asWords(records);
  const blocks: number[] = [];
  const isThere = new Uint8Array(table.packed.length);
  for (let at = 0; at < words.length; ) {
    const id = words[at];
    if (id < 0) at += 2 + (words[at + 1] >>> 2);
    else {
      const size = table.recordWords(id);
      assert(size > 0, `the trace has a record of block ${id} but no definition`);
      if (isThere[id] === 0) blocks.push(id);
      isThere[id] = 1;
      at += size;
    }
  }
  return blocks;
}

/** By event, a bit that is set if RecordWalker.event does more than to step over it. */
export const WALKED_EVENTS = (1 << EventCode.cut) | (1 << EventCode.part) | (1 << EventCode.snapshot) | (1 << EventCode.step);

/** Walks over records without looking into them: counts instructions. */
export class RecordWalker {
  readonly table = new RecordTable();
  /** Instructions completed since the start of the machine, up to where the walk is. */
  step = 0;
  /** Instructions in records. */
  insns = 0;
  /** Of those, the wanted ones. */
  wanted = 0;
  /** Of the next block's instructions, how many completed, and the wanted ones of those; -1: all. */
  private cut = -1;
  private cutWanted = 0;
  /** Of the next block's instructions, those that are in the trace; -1: all that are wanted. */
  private part = -1;

  /** Walks over all of `records`. */
  walk(records: Uint8Array): void {
    const words = asWords(records);
    const { packed } = this.table;
    let at = 0;
    while (at < words.length) {
      const start = at;
      let walked = 0;
      // As little as can be: this runs for each block that the guest executes. Events are negative here.
      for (; at < words.length; ) {
        const id = words[at];
        if (id < 0 || id >= packed.length) break;
        const size = packed[id];
        if (size === 0) break;
        walked += size >> WORDS_BITS;
        at += size & WORDS_MASK;
      }
      this.blocks(words, start, at, walked);
      if (at < words.length) at += this.event(words, at);
    }
  }

  /** Counts the block records in start..end, which have `walked` instructions if none is cut short. */
  blocks(words: Int32Array, start: number, end: number, walked: number): void {
    if (start === end) return;
    const { table } = this;
    if (table.isFiltered) return this.countFiltered(words, start, end);
    let insns = walked;
    if (this.cut >= 0) {
      insns += this.cut - table.insns(words[start]);
      this.cut = -1;
    }
    this.step += insns;
    this.insns += insns;
    this.wanted += insns;
  }

  /** As `blocks`, one record after the other. */
  private countFiltered(words: Int32Array, start: number, end: number): void {
    const { table } = this;
    for (let at = start; at < end; at += table.recordWords(words[at])) {
      const id = words[at];
      const insns = this.cut >= 0 ? this.cut : table.insns(id);
      if (table.hasStep[id] === 1) this.step = stepNear(this.step, words[at + 1]);
      this.step += insns;
      this.insns += insns;
      this.wanted += this.part >= 0 ? this.part : this.cut >= 0 ? this.cutWanted : table.wanted(id);
      this.cut = -1;
      this.part = -1;
    }
  }

  /** Walks over an event. @returns its words */
  event(words: Int32Array, at: number): number {
    const code = (words[at] >>> 0) - FIRST_EVENT;
    assert(code >= 0, `the trace has a record of block ${words[at]} but no definition`);
    if (code === EventCode.cut) {
      this.cut = words[at + 2];
      this.cutWanted = words[at + 3];
    } else if (code === EventCode.part) this.part = words[at + 2] as number;
    else if (code === EventCode.snapshot || code === EventCode.step) this.step = fromHalves(words[at + 2], words[at + 3]);
    return 2 + (words[at + 1] >>> 2);
  }
}
