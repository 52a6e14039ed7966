import { ByteReader, type ByteWriter } from '../../base/index.ts';
import { MARK_BYTES, markOf, WHOLE_WORD } from '../../ir/index.ts';
import { MarkSet } from './marks.ts';

/** Marks that tell bytes, see `bitsOf`: which are set, and the bits of those that do not have all. */
export class ByteMarks {
  /** Bits of parts of words, by mark, once they are wanted. */
  private bits: ReadonlyMap<number, number> | undefined;

  /** @param parts of each such mark, in ascending order, u32 distance from the one before, and a byte: its bits */
  private constructor(
    private readonly set: MarkSet,
    private readonly parts: Uint8Array,
  ) {}

  /** @param parts see the constructor */
  static of(set: MarkSet, parts: Uint8Array): ByteMarks {
    return new ByteMarks(set, parts);
  }

  /** Read from what `write` wrote. */
  static read(reader: ByteReader): ByteMarks {
    return new ByteMarks(MarkSet.read(reader), reader.bytes(reader.u32()));
  }

  /** Whether any of an access's bytes may have been told. */
  has(address: number, bytes: number, mask: number): boolean {
    const end = address + bytes;
    for (let at = address; at < end; at = (Math.floor(at / MARK_BYTES) + 1) * MARK_BYTES) {
      const mark = markOf(at, mask);
      if (!this.set.has(mark)) continue;
      this.bits ??= unpack(this.parts);
      const wanted = ((1 << Math.min(end - at, MARK_BYTES)) - 1) << (at % MARK_BYTES);
      if (((this.bits.get(mark) ?? WHOLE_WORD) & wanted) !== 0) return true;
    }
    return false;
  }

  /** Bytes of memory that they take, until they are asked. */
  get size(): number {
    return this.set.size + this.parts.length;
  }

  /** For a file: the set, u32 bytes of what follows, the parts. */
  write(out: ByteWriter): void {
    this.set.write(out);
    out.u32(this.parts.length);
    out.bytes(this.parts);
  }
}

function unpack(parts: Uint8Array): Map<number, number> {
  const bits = new Map<number, number>();
  const reader = new ByteReader(parts);
  for (let mark = 0; !reader.atEnd; ) {
    mark += reader.u32();
    bits.set(mark, reader.byte());
  }
  return bits;
}
