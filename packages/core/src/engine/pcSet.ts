import { PcTable } from './pcTable.ts';

/** Some pcs, a bit for each instruction: 32 of them are a number of a PcTable, those of 128 KB of code a page of it. */
export class PcSet {
  private readonly words = new PcTable(0);
  /** Distances of pcs that are not aligned to 4 bytes. */
  private readonly others = new Set<number>();

  /** @param start no pc is below it; aligned to 4 bytes */
  constructor(private readonly start: number) {}

  has(pc: number): boolean {
    const from = pc - this.start;
    if ((from & 3) !== 0) return this.others.has(from);
    return !this.words.isEmpty && (this.words.get(wordOf(from)) & bitOf(from)) !== 0;
  }

  add(pc: number): void {
    const from = pc - this.start;
    if ((from & 3) !== 0) {
      this.others.add(from);
      return;
    }
    const word = wordOf(from);
    this.words.set(word, this.words.get(word) | bitOf(from));
  }

  delete(pc: number): void {
    const from = pc - this.start;
    if ((from & 3) !== 0) this.others.delete(from);
    else if (this.has(pc)) this.words.set(wordOf(from), this.words.get(wordOf(from)) & ~bitOf(from));
  }

  /** The last of them that is at `pc` or less than so many bytes before; undefined: there is none. */
  lastBefore(pc: number, bytes: number): number | undefined {
    const from = pc - this.start;
    if (from < 0) return undefined;
    const least = Math.max(0, from - bytes + 1);
    let last = -1;
    for (const other of this.others) if (other <= from && other >= least) last = Math.max(last, other);
    // Of the first word, those that are not behind `pc`.
    let mask = 2 * bitOf(from) - 1;
    for (let word = wordOf(from); word >= wordOf(least); word -= 4) {
      const bits = this.words.get(word) & mask;
      mask = -1;
      if (bits === 0) continue;
      const found = 32 * word + 4 * (31 - Math.clz32(bits));
      if (found >= least) last = Math.max(last, found);
      break;
    }
    return last < 0 ? undefined : this.start + last;
  }

  get pcs(): number[] {
    const found = Array.from(this.others, (from) => this.start + from);
    for (const [word, number] of this.words.entries) {
      for (let bits = number; bits !== 0; bits &= bits - 1) found.push(this.start + 32 * word + 4 * (31 - Math.clz32(bits & -bits)));
    }
    return found;
  }
}

/** Where the bit of a distance is kept, as a pc of the table. */
function wordOf(from: number): number {
  return from < 0x4000_0000 ? (from >>> 7) << 2 : 4 * Math.floor(from / 128);
}

const bitOf = (from: number): number => 1 << ((from >>> 2) & 31);
