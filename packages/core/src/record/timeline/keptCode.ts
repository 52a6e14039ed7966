import type { ByteReader, ByteWriter } from '../../base/index.ts';
import type { SavedBytes, TranslationStore } from '../../engine/index.ts';

/** Bytes of a part: who needs one block reads so much, or two of them. */
const PART_BYTES = 1 << 15;

/**
 * The cold code that going through a run has made, kept with its index: who asks a question in another process need not make it
 * again. In the index's file it stands in parts, the pieces one behind the other; what is told of them:
 *
 *     u32 pieces; for each: its key  u32 bytes
 */
export class KeptCode implements TranslationStore {
  /** By key. */
  private readonly pieces = new Map<string, SavedBytes & { readonly length: number }>();

  /** @param build tells builds of everystep apart: code made by one is nothing to another */
  constructor(private readonly build: string) {}

  open(key: string): SavedBytes | undefined {
    return this.pieces.get(this.keyOf(key));
  }

  save(key: string, parts: readonly Uint8Array[]): void {
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.pieces.set(this.keyOf(key), { length: whole.length, read: (offset, length) => whole.subarray(offset, offset + length) });
  }

  /** What is in the file besides the parts. */
  write(out: ByteWriter): void {
    out.u32(this.pieces.size);
    for (const [key, { length }] of this.pieces) {
      out.utf8(key);
      out.u32(length);
    }
  }

  /** All parts, in their order. */
  *parts(): Generator<Uint8Array> {
    for (const piece of this.pieces.values()) {
      for (let at = 0; at < piece.length; at += PART_BYTES) yield piece.read(at, Math.min(PART_BYTES, piece.length - at)) ?? new Uint8Array(0);
    }
  }

  /** There are no pieces. */
  clear(): void {
    this.pieces.clear();
  }

  /**
   * Takes what `write` wrote, besides what there is: of two pieces with one key the longer one, which has more code.
   * @param part gives the parts by number, when they are needed; may throw
   * @returns how many parts there are
   */
  read(reader: ByteReader, part: (number: number) => Uint8Array): number {
    let first = 0;
    for (let count = reader.u32(); count > 0; count--) {
      const [key, length] = [reader.utf8(), reader.u32()];
      const from = first;
      const known = new Map<number, Uint8Array>();
      const partOnce = (number: number): Uint8Array => {
        const bytes = known.get(number) ?? part(from + number);
        known.set(number, bytes);
        return bytes;
      };
      if (length > (this.pieces.get(key)?.length ?? 0))
        this.pieces.set(key, { length, read: (offset, bytes) => readParts(partOnce, offset, Math.min(bytes, length - offset)) });
      first += Math.ceil(length / PART_BYTES);
    }
    return first;
  }

  private keyOf(key: string): string {
    return `${this.build} ${key}`;
  }
}

/** @returns undefined where a part is damaged */
function readParts(part: (number: number) => Uint8Array, offset: number, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.max(length, 0));
  try {
    for (let at = 0; at < bytes.length; ) {
      const number = Math.floor((offset + at) / PART_BYTES);
      const from = offset + at - number * PART_BYTES;
      const some = part(number).subarray(from, from + bytes.length - at);
      if (some.length === 0) return undefined;
      bytes.set(some, at);
      at += some.length;
    }
  } catch {
    return undefined;
  }
  return bytes;
}
