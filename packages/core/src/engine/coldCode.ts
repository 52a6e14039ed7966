import { PAGE } from './guestStorage.ts';
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
  readonly blocks = new Map<number, ColdBlock>();
  /** Words (linear offsets over 4) to be set once there is a block at a pc: one, or several. */
  private readonly waiting = new Map<number, number | number[]>();
  /** pcs whose code has been run often enough to become regions. */
  readonly promoted = new Set<number>();
  /** pcs of blocks that are instrumented in a way that cold code cannot be: regions from the start. */
  readonly wanted = new Set<number>();
  /** Of the writer, when the blocks were written. */
  generation = 0;
  /** What earlier runs made of this code. */
  saved: SavedCode | undefined;
  private readonly byPage = new Map<number, ColdBlock[]>();

  /** The range that they are about, see CodeView. */
  constructor(
    readonly start: number,
    readonly end: number,
  ) {}

  add(block: ColdBlock): void {
    this.blocks.set(block.pc, block);
    const first = Math.floor(block.pc / PAGE);
    const last = lastPageOf(block);
    for (let page = first; page <= last; page++) {
      const blocks = this.byPage.get(page);
      if (blocks === undefined) this.byPage.set(page, [block]);
      else blocks.push(block);
    }
  }

  remove(block: ColdBlock): void {
    this.blocks.delete(block.pc);
    const last = lastPageOf(block);
    for (let page = Math.floor(block.pc / PAGE); page <= last; page++) {
      const blocks = this.byPage.get(page);
      blocks?.splice(blocks.indexOf(block), 1);
    }
  }

  /** `word` is to be set to the entry of the block at `pc`, once there is one. */
  await(pc: number, word: number): void {
    const waiting = this.waiting.get(pc);
    if (waiting === undefined) this.waiting.set(pc, word);
    else if (typeof waiting === 'number') this.waiting.set(pc, [waiting, word]);
    else waiting.push(word);
  }

  /** The words that wait for a block at `pc`, which wait no longer. */
  takeWaiting(pc: number): readonly number[] {
    const waiting = this.waiting.get(pc);
    if (waiting === undefined) return NOBODY;
    this.waiting.delete(pc);
    return typeof waiting === 'number' ? [waiting] : waiting;
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
    this.blocks.clear();
    this.waiting.clear();
    this.byPage.clear();
  }
}

const NOBODY: readonly number[] = [];
const lastPageOf = ({ pc, bytes }: ColdBlock): number => Math.floor((pc + Math.max(bytes, 1) - 1) / PAGE);
