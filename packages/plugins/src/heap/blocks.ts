import { ShadowMemory } from '../shadow/shadowMemory.ts';

/** A line of a stack: an address in a function, and the text that tells where that is. */
export type Stack = readonly string[];

/** Memory that the program has been given. */
export interface HeapBlock {
  /** Counts up from 0 over the run. */
  readonly number: number;
  readonly start: number;
  readonly size: number;
  readonly allocated: Stack;
  /** Where it was freed, if it has been. */
  freed: Stack | undefined;
}

/** What each byte of the allocator's memory is. */
const State = { other: 0, usable: 1, freed: 2, unusable: 3 } as const;

/** Freed blocks that are remembered, for messages. */
const MOST_FREED = 10_000;
/** Bytes around a block that are nobody's, where the allocator keeps its own data. */
const MARGIN = 16;

/** The blocks of one process, and which of its bytes may be used. */
export class HeapBlocks {
  readonly live = new Map<number, HeapBlock>();
  private freed: HeapBlock[] = [];

  constructor(private readonly state = new ShadowMemory()) {}

  /** The allocator has got memory of the system: nobody may use it yet. */
  addRegion(start: number, end: number): void {
    this.state.fill(start, end - start, State.unusable);
  }

  /** The allocator has given memory back, or something else is there now. */
  removeRegion(start: number, end: number): void {
    this.state.fill(start, end - start, State.other);
  }

  add(block: HeapBlock): void {
    const { start, size } = block;
    block.freed = undefined;
    this.live.set(start, block);
    this.margin(start - MARGIN, start);
    this.state.fill(start, size, State.usable);
    this.margin(start + size, Math.ceil((start + size) / MARGIN) * MARGIN);
  }

  /** @returns the block; undefined if none that is in use begins there */
  free(start: number, stack: Stack): HeapBlock | undefined {
    const block = this.live.get(start);
    if (block === undefined) return undefined;
    block.freed = stack;
    this.live.delete(start);
    this.state.fill(start, block.size, State.freed);
    this.freed.push(block);
    if (this.freed.length > 2 * MOST_FREED) this.freed = this.freed.slice(-MOST_FREED);
    return block;
  }

  /** Whether all bytes of a range may be used, as far as the allocator knows. */
  mayUse(address: number, length: number): boolean {
    if (!this.state.mayHave(address) && !this.state.mayHave(address + length - 1)) return true;
    for (let i = 0; i < length; i++) if (this.state.get(address + i) > State.usable) return false;
    return true;
  }

  /** Whether some byte of a range may be used. */
  mayUseSome(address: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (this.state.get(address + i) <= State.usable) return true;
    return false;
  }

  isHeap(address: number): boolean {
    return this.state.get(address) !== State.other;
  }

  /** The block in use that an address is in. */
  liveAt(address: number): HeapBlock | undefined {
    for (const block of this.live.values()) if (address >= block.start && address < block.start + Math.max(block.size, 1)) return block;
    return undefined;
  }

  /** Says where an address is, by the nearest block, and the stacks that belong to it. */
  describe(address: number): { readonly text: string; readonly block: HeapBlock | undefined } {
    const freed = this.freed.filter(({ start, size }) => address >= start && address < start + size).at(-1);
    const inside = this.liveAt(address);
    if (inside !== undefined) return { text: `${address - inside.start} bytes inside a block of ${inside.size}`, block: inside };
    if (freed !== undefined) return { text: `${address - freed.start} bytes inside a freed block of ${freed.size}`, block: freed };
    let nearest: HeapBlock | undefined;
    for (const block of [...this.live.values(), ...this.freed.slice(-MOST_FREED)]) {
      if (nearest === undefined || distance(block, address) < distance(nearest, address)) nearest = block;
    }
    if (nearest === undefined || distance(nearest, address) > 4096) return { text: 'in no block of the heap', block: undefined };
    const end = nearest.start + nearest.size;
    const where = address >= end ? `${address - end} bytes behind` : `${nearest.start - address} bytes before`;
    return { text: `${where} a ${nearest.freed === undefined ? '' : 'freed '}block of ${nearest.size}`, block: nearest };
  }

  copy(): HeapBlocks {
    const copy = new HeapBlocks(this.state.copy());
    for (const [start, block] of this.live) copy.live.set(start, { ...block });
    copy.freed = [...this.freed];
    return copy;
  }

  private margin(start: number, end: number): void {
    for (let at = start; at < end; at++) if (this.state.get(at) === State.other) this.state.set(at, State.unusable);
  }
}

const distance = ({ start, size }: HeapBlock, address: number): number => (address < start ? start - address : address - (start + size) + 1);
