import { PAGE } from './guestStorage.ts';
import { PcMap, PcSet } from './pcMap.ts';
import type { SavedCode } from './saved/savedCode.ts';

/** A block as records in linear memory. */
export interface ColdBlock {
  readonly pc: number;
  readonly insns: number;
  /** Bytes of guest code. */
  readonly bytes: number;
  readonly insnOffsets?: Uint16Array | undefined;
  /** Linear offset of its constants, which stand before its entry. */
  readonly first: number;
  /** Linear offset of its entry. */
  readonly at: number;
  /** Linear offset behind its last record. */
  readonly end: number;
}

/** Cold blocks of one mode in a range of code, by pc, and the records that wait for a block to go to. */
export class ColdCode {
  /** By pc: the block there; or the words (linear offsets over 4) to be set once there is one: one, or several. */
  private readonly places: PcMap<ColdBlock | number | number[]>;
  /** pcs whose code has been run often enough to become regions. */
  readonly promoted: PcSet;
  /** pcs of blocks that are instrumented in a way that cold code cannot be: regions from the start. */
  readonly wanted: PcSet;
  /** Of the writer, when the blocks were written. */
  generation = 0;
  /** What earlier runs made of this code. */
  saved: SavedCode | undefined;
  /** Where instructions are kept, too, for those who make regions later: pages of code that blocks have been made of, by their number. */
  pages: Map<number, Uint32Array> | undefined;
  private readonly byPage = new Map<number, ColdBlock[]>();

  /** The range that they are about, see CodeView. */
  constructor(
    readonly start: number,
    readonly end: number,
  ) {
    this.places = new PcMap(start);
    this.promoted = new PcSet(start);
    this.wanted = new PcSet(start);
  }

  get(pc: number): ColdBlock | undefined {
    const place = this.places.get(pc);
    return typeof place === 'number' || Array.isArray(place) ? undefined : place;
  }

  /** Adds a block. @returns the words that waited for it */
  add(block: ColdBlock): readonly number[] {
    const waiting = this.places.get(block.pc);
    this.places.set(block.pc, block);
    const first = Math.floor(block.pc / PAGE);
    const last = lastPageOf(block);
    for (let page = first; page <= last; page++) {
      const blocks = this.byPage.get(page);
      if (blocks === undefined) this.byPage.set(page, [block]);
      else blocks.push(block);
    }
    if (typeof waiting === 'number') return [waiting];
    return Array.isArray(waiting) ? waiting : NOBODY;
  }

  remove(block: ColdBlock): void {
    this.places.delete(block.pc);
    const last = lastPageOf(block);
    for (let page = Math.floor(block.pc / PAGE); page <= last; page++) {
      const blocks = this.byPage.get(page);
      blocks?.splice(blocks.indexOf(block), 1);
    }
  }

  /** The entry of the block at `pc`; 0 if there is none: then `word` is set to it, once there is one. */
  entryFor(pc: number, word: number): number {
    const place = this.places.get(pc);
    if (place === undefined) this.places.set(pc, word);
    else if (typeof place === 'number') this.places.set(pc, [place, word]);
    else if (Array.isArray(place)) place.push(word);
    else return place.at;
    return 0;
  }

  /** The instructions of a block; empty where they are not kept. */
  codeOf({ pc, bytes }: ColdBlock): Uint32Array {
    const code = new Uint32Array(bytes >>> 2);
    for (let i = 0; i < code.length; i++) {
      const at = pc + 4 * i;
      const word = this.pages?.get(Math.floor(at / PAGE))?.[(at % PAGE) >>> 2];
      if (word === undefined) return NO_CODE;
      code[i] = word;
    }
    return code;
  }

  /** The blocks made from code that overlaps start..end. A block without bytes is a trap: its page may have got code. */
  overlapping(start: number, end: number): ColdBlock[] {
    const found: ColdBlock[] = [];
    for (const [page, blocks] of this.byPage) {
      if (page * PAGE >= end || (page + 1) * PAGE <= start) continue;
      for (const block of blocks) if (block.pc < end && start < block.pc + Math.max(block.bytes, 1)) found.push(block);
    }
    return found;
  }

  /** Forgets all blocks, but not what has been promoted. */
  clear(): void {
    this.places.clear();
    this.byPage.clear();
  }
}

const NO_CODE = new Uint32Array(0);
const NOBODY: readonly number[] = [];
const lastPageOf = ({ pc, bytes }: ColdBlock): number => Math.floor((pc + Math.max(bytes, 1) - 1) / PAGE);
