import { assert } from '../base/index.ts';
import { DEFINITION_HEADER } from './definition.ts';
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

/** What it takes to step over records, by block number. */
export class RecordTable {
  /** 0: not defined. */
  recordWords = new Int32Array(1024);
  insns = new Int32Array(1024);
  wanted = new Int32Array(1024);

  define(definitions: Uint8Array): void {
    const view = new DataView(definitions.buffer, definitions.byteOffset, definitions.length);
    forEachDefinition(definitions, (id, at) => {
      if (id >= this.insns.length) this.grow(id + 1);
      this.recordWords[id] = view.getUint32(at + 8, true) >> 2;
      this.insns[id] = view.getUint32(at + 12, true);
      this.wanted[id] = view.getUint32(at + 16, true);
    });
  }

  private grow(atLeast: number): void {
    const bigger = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(Math.max(atLeast, from.length * 2));
      to.set(from);
      return to;
    };
    this.recordWords = bigger(this.recordWords);
    this.insns = bigger(this.insns);
    this.wanted = bigger(this.wanted);
  }
}

/** Records as words: those of a chunk begin on a word boundary. */
export function asWords(records: Uint8Array): Int32Array {
  assert(records.length % 4 === 0, 'trace records are not a whole number of words');
  const aligned = records.byteOffset % 4 === 0 ? records : records.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
}

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

  /** Walks over all of `records`. */
  walk(records: Uint8Array): void {
    const words = asWords(records);
    const { recordWords, insns, wanted } = this.table;
    let walked = 0;
    let walkedWanted = 0;
    for (let at = 0; at < words.length; ) {
      const id = words[at] >>> 0;
      if (id < recordWords.length && recordWords[id] !== 0) {
        if (this.cut < 0) {
          walked += insns[id];
          walkedWanted += wanted[id];
        } else {
          walked += this.cut;
          walkedWanted += this.cutWanted;
          this.cut = -1;
        }
        at += recordWords[id];
      } else {
        assert(id >= FIRST_EVENT, `the trace has a record of block ${id} but no definition`);
        this.step += walked;
        this.insns += walked;
        walked = 0;
        this.event(words, at);
        at += 2 + (words[at + 1] >>> 2);
      }
    }
    this.step += walked;
    this.insns += walked;
    this.wanted += walkedWanted;
  }

  private event(words: Int32Array, at: number): void {
    const code = (words[at] >>> 0) - FIRST_EVENT;
    const wide = (): number => (words[at + 3] >>> 0) * 0x1_0000_0000 + (words[at + 2] >>> 0);
    if (code === EventCode.cut) {
      this.cut = words[at + 2];
      this.cutWanted = words[at + 3];
    } else if (code === EventCode.snapshot) this.step = wide();
    else if (code === EventCode.skip) this.step += wide();
  }
}
