/** Which block of a full set makes room. */
export const POLICIES = ['lru', 'fifo', 'rand'] as const;
export type Policy = (typeof POLICIES)[number];

export interface CacheShape {
  /** Bytes in all; a multiple of blockBytes * ways, their quotient a power of two. */
  readonly bytes: number;
  /** Bytes of a block, a power of two. */
  readonly blockBytes: number;
  /** Blocks of a set. */
  readonly ways: number;
}

/** What is wrong with a shape; undefined if nothing. */
export function shapeProblem({ bytes, blockBytes, ways }: CacheShape): string | undefined {
  const isPower = (n: number): boolean => n > 0 && Number.isInteger(Math.log2(n));
  if (!isPower(blockBytes)) return 'the size of a block must be a power of two';
  if (ways < 1 || !isPower(bytes / (blockBytes * ways))) return 'the size must be a power of two times block size times associativity';
  return undefined;
}

/** A set-associative cache: which blocks it holds, not what is in them. */
export class CacheModel {
  accesses = 0;
  misses = 0;
  private readonly sets: number;
  private readonly ways: number;
  private readonly blockBytes: number;
  /** Number of the block in each way of each set; -1: none. */
  private readonly blocks: Float64Array;
  /** When each was used last, or for fifo, filled. */
  private readonly since: Float64Array;
  private now = 0;
  private random = 0x2545_f491;

  constructor(
    { bytes, blockBytes, ways }: CacheShape,
    private readonly policy: Policy,
  ) {
    this.sets = bytes / (blockBytes * ways);
    this.ways = ways;
    this.blockBytes = blockBytes;
    this.blocks = new Float64Array(this.sets * ways).fill(-1);
    this.since = new Float64Array(this.sets * ways);
  }

  /** @returns whether it was a hit */
  access(address: number): boolean {
    const block = Math.floor(address / this.blockBytes);
    const first = (block % this.sets) * this.ways;
    this.accesses++;
    this.now++;
    for (let way = first; way < first + this.ways; way++) {
      if (this.blocks[way] !== block) continue;
      if (this.policy === 'lru') this.since[way] = this.now;
      return true;
    }
    this.misses++;
    const way = this.victim(first);
    this.blocks[way] = block;
    this.since[way] = this.now;
    return false;
  }

  private victim(first: number): number {
    for (let way = first; way < first + this.ways; way++) if (this.blocks[way] === -1) return way;
    if (this.policy === 'rand') return first + (this.nextRandom() % this.ways);
    let oldest = first;
    for (let way = first + 1; way < first + this.ways; way++) if (this.since[way] < this.since[oldest]) oldest = way;
    return oldest;
  }

  /** Xorshift: runs repeat. */
  private nextRandom(): number {
    this.random ^= this.random << 13;
    this.random ^= this.random >>> 17;
    this.random ^= this.random << 5;
    return this.random >>> 0;
  }
}
