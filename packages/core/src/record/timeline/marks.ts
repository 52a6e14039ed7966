import { ByteReader, ByteWriter, upperBoundOf } from '../../base/index.ts';

/** Runs that a set may have: where there are more, those with the shortest gaps between them are taken for one. */
export const MOST_RUNS = 1 << 17;
/** Where even gaps that are as long are too many, the marks can all be taken for set: there are no more than 2^24. */
const COUNTED_GAPS = 1 << 11;

/** Marks that are set, as runs. May tell of more, if they are many and scattered, but never of less. */
export class MarkSet {
  /** Of one that has been read: distances, as `write` writes them. */
  private packed: Uint8Array | undefined;
  private bounds: Uint32Array | undefined;

  /** @param bounds where runs of marks begin, and end, in turn, in ascending order */
  constructor(bounds: Uint32Array | Uint8Array) {
    if (bounds instanceof Uint8Array) this.packed = bounds;
    else this.bounds = coarser(bounds);
  }

  /** Of too many runs. @param packed as `write` writes them @returns also up to which length gaps were left out */
  static coarser(packed: Uint8Array): { readonly set: MarkSet; readonly gap: number } {
    const bounds = unpack(packed);
    return { set: new MarkSet(bounds), gap: Math.min(gapsUpTo(bounds, bounds.length / 2 - MOST_RUNS), COUNTED_GAPS) };
  }

  /** Read from what `write` wrote. */
  static read(reader: ByteReader): MarkSet {
    return new MarkSet(reader.bytes(reader.u32()));
  }

  private get runs(): Uint32Array {
    this.bounds ??= unpack(this.packed ?? new Uint8Array(0));
    this.packed = undefined;
    return this.bounds;
  }

  has(number: number): boolean {
    return upperBoundOf(this.runs, number) % 2 === 1;
  }

  /** Of `count` marks, which groups of `size` have one that is set: a byte each, 1 or 0. */
  groups(size: number, count: number): Uint8Array {
    const { runs } = this;
    const groups = new Uint8Array(Math.ceil(count / size));
    for (let i = 0; i < runs.length; i += 2) groups.fill(1, Math.floor(runs[i] / size), Math.ceil(runs[i + 1] / size));
    return groups;
  }

  /** What is in this set or another. */
  with(other: MarkSet): MarkSet {
    const [a, b] = [this.runs, other.runs];
    const joined: number[] = [];
    for (let i = 0, j = 0; i < a.length || j < b.length; ) {
      const isFirst = j >= b.length || (i < a.length && a[i] <= b[j]);
      const [start, end] = isFirst ? [a[i], a[i + 1]] : [b[j], b[j + 1]];
      if (isFirst) i += 2;
      else j += 2;
      const last = joined.length - 1;
      if (last >= 0 && start <= joined[last]) joined[last] = Math.max(joined[last], end);
      else joined.push(start, end);
    }
    return new MarkSet(Uint32Array.from(joined));
  }

  /** How many are set. */
  get count(): number {
    return this.runs.reduce((count, bound, i) => count + (i % 2 === 0 ? -bound : bound), 0);
  }

  /** Bytes of memory that it takes. */
  get size(): number {
    return (this.packed ?? this.runs).byteLength;
  }

  /** For a file: u32 bytes of what follows  distances of the bounds, u32 each. */
  write(out: ByteWriter): void {
    const packed = this.packed ?? pack(this.runs);
    out.u32(packed.length);
    out.bytes(packed);
  }
}

function pack(bounds: Uint32Array): Uint8Array {
  const out = new ByteWriter(5 * bounds.length + 1);
  let last = 0;
  for (const bound of bounds) {
    out.u32(bound - last);
    last = bound;
  }
  return out.copy();
}

function unpack(packed: Uint8Array): Uint32Array {
  const reader = new ByteReader(packed);
  const bounds: number[] = [];
  for (let last = 0; !reader.atEnd; ) {
    last += reader.u32();
    bounds.push(last);
  }
  return Uint32Array.from(bounds);
}

/** The same, without the shortest gaps where there are too many. */
function coarser(bounds: Uint32Array): Uint32Array {
  const tooMany = bounds.length / 2 - MOST_RUNS;
  if (tooMany <= 0) return bounds;
  const longest = gapsUpTo(bounds, tooMany);
  const kept = new Uint32Array(bounds.length);
  let count = 0;
  kept[count++] = bounds[0];
  for (let i = 1; i < bounds.length - 1; i += 2) {
    if (bounds[i + 1] - bounds[i] <= longest) continue;
    kept[count++] = bounds[i];
    kept[count++] = bounds[i + 1];
  }
  kept[count++] = bounds[bounds.length - 1];
  return kept.slice(0, count);
}

/** The least length so that `wanted` gaps between runs are as long or shorter. */
function gapsUpTo(bounds: Uint32Array, wanted: number): number {
  const counts = new Uint32Array(COUNTED_GAPS);
  for (let i = 2; i < bounds.length; i += 2) counts[Math.min(bounds[i] - bounds[i - 1], COUNTED_GAPS - 1)]++;
  let length = 0;
  for (let count = counts[0]; count < wanted && length < COUNTED_GAPS - 1; count += counts[length]) length++;
  return length < COUNTED_GAPS - 1 ? length : Number.MAX_SAFE_INTEGER;
}
