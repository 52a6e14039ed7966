import { PAGE } from './guestStorage.ts';
import { PcSet } from './pcSet.ts';
import { PcTable } from './pcTable.ts';
import { MAX_BLOCK_INSNS } from './regionBuilder.ts';
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

/** Links that there is room for at first. */
const FIRST_LINKS = 256;

/** Cold blocks of one mode in a range of code, by pc, and the records that wait for a block to go to. */
export class ColdCode {
  /** By pc: the linear offset of the entry of the block there; or -n: `links` n is the first of those that wait for one. */
  private readonly places: PcTable;
  /** Pairs: a word (linear offset over 4) that is to be set once there is a block, and which pair is the next that waits for it; 0 is none. */
  private links = new Int32Array(2 * FIRST_LINKS);
  private linkCount = 1;
  /** The first of the pairs that are in use no more. */
  private freeLink = 0;
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

  /** The range that they are about, see CodeView. */
  constructor(
    readonly start: number,
    readonly end: number,
  ) {
    this.places = new PcTable(start);
    this.promoted = new PcSet(start);
    this.wanted = new PcSet(start);
  }

  /** The linear offset of the entry of the block at `pc`; 0: there is none. */
  entryAt(pc: number): number {
    return Math.max(0, this.places.get(pc));
  }

  /** Adds a block. @param memory in which its entry's linear offset is put into the words that have waited for it */
  add({ pc, at }: ColdBlock, memory: Uint32Array): void {
    const { links } = this;
    let link = -this.places.get(pc);
    this.places.set(pc, at);
    while (link > 0) {
      memory[links[2 * link]] = at;
      const next = links[2 * link + 1];
      links[2 * link + 1] = this.freeLink;
      this.freeLink = link;
      link = next;
    }
  }

  /** Forgets the block at `pc`. */
  remove(pc: number): void {
    this.places.set(pc, 0);
  }

  /** The entry of the block at `pc`; 0 if there is none: then `word` is set to it, once there is one. */
  entryFor(pc: number, word: number): number {
    const place = this.places.get(pc);
    if (place > 0) return place;
    this.places.set(pc, -this.newLink(word, -place));
    return 0;
  }

  private newLink(word: number, next: number): number {
    let link = this.freeLink;
    if (link > 0) this.freeLink = this.links[2 * link + 1];
    else {
      link = this.linkCount++;
      if (2 * link === this.links.length) {
        const links = new Int32Array(2 * this.links.length);
        links.set(this.links);
        this.links = links;
      }
    }
    this.links[2 * link] = word;
    this.links[2 * link + 1] = next;
    return link;
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

  /** The entries of blocks that may be made from code in start..end, and of others near there. */
  entriesNear(start: number, end: number): number[] {
    return this.places.within(start - MOST_BYTES, end).filter((place) => place > 0);
  }

  /** Forgets all blocks, but not what has been promoted. */
  clear(): void {
    this.places.clear();
    this.linkCount = 1;
    this.freeLink = 0;
  }
}

/** Of a block. */
const MOST_BYTES = 4 * MAX_BLOCK_INSNS;
const NO_CODE = new Uint32Array(0);
