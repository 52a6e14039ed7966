import type { ColdBlock, ColdCode } from './coldCode.ts';

/** A cold block and what is known of it besides. */
export interface ListedBlock extends ColdBlock {
  readonly code: ColdCode;
  /** Whether an earlier run made it. */
  readonly isSaved: boolean;
  /** Whether its instrument has added to it. */
  readonly isRecorded: boolean;
}

const IS_SAVED = 1;
const IS_RECORDED = 2;

const FIRST_BLOCKS = 1024;

/** Cold blocks by number, in columns: V8's collector moves objects of 100,000 blocks about, each of them twice. */
export class ColdBlockList {
  private pcs = new Float64Array(FIRST_BLOCKS);
  private insns = new Uint16Array(FIRST_BLOCKS);
  private bytes = new Uint16Array(FIRST_BLOCKS);
  private firsts = new Uint32Array(FIRST_BLOCKS);
  private entries = new Uint32Array(FIRST_BLOCKS);
  private ends = new Uint32Array(FIRST_BLOCKS);
  private flags = new Uint8Array(FIRST_BLOCKS);
  private readonly codes: ColdCode[] = [];
  /** Of blocks that have them, by number. */
  private readonly insnOffsets = new Map<number, Uint16Array>();

  get length(): number {
    return this.codes.length;
  }

  add({ pc, insns, bytes, insnOffsets, first, at, end }: ColdBlock, code: ColdCode, isSaved: boolean, isRecorded: boolean): void {
    const number = this.codes.push(code) - 1;
    if (number === this.pcs.length) this.grow();
    this.pcs[number] = pc;
    this.insns[number] = insns;
    this.bytes[number] = bytes;
    this.firsts[number] = first;
    this.entries[number] = at;
    this.ends[number] = end;
    this.flags[number] = (isSaved ? IS_SAVED : 0) | (isRecorded ? IS_RECORDED : 0);
    if (insnOffsets !== undefined) this.insnOffsets.set(number, insnOffsets);
  }

  /** Block `number`; undefined: there is none. */
  get(number: number): ListedBlock | undefined {
    const code = this.codes[number];
    if (code === undefined) return undefined;
    return {
      pc: this.pcs[number],
      insns: this.insns[number],
      bytes: this.bytes[number],
      insnOffsets: this.insnOffsets.get(number),
      first: this.firsts[number],
      at: this.entries[number],
      end: this.ends[number],
      code,
      isSaved: (this.flags[number] & IS_SAVED) !== 0,
      isRecorded: (this.flags[number] & IS_RECORDED) !== 0,
    };
  }

  get all(): ListedBlock[] {
    return Array.from(this.codes, (_, number) => this.get(number) as ListedBlock);
  }

  /** Linear offsets of the entries of all. */
  get allEntries(): Uint32Array {
    return this.entries.subarray(0, this.length);
  }

  clear(): void {
    this.codes.length = 0;
    this.insnOffsets.clear();
  }

  private grow(): void {
    const copy = <T extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const size = 2 * this.pcs.length;
    this.pcs = copy(this.pcs, new Float64Array(size));
    this.insns = copy(this.insns, new Uint16Array(size));
    this.bytes = copy(this.bytes, new Uint16Array(size));
    this.firsts = copy(this.firsts, new Uint32Array(size));
    this.entries = copy(this.entries, new Uint32Array(size));
    this.ends = copy(this.ends, new Uint32Array(size));
    this.flags = copy(this.flags, new Uint8Array(size));
  }
}
