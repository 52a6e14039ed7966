import { AssertionError } from './brand.ts';

/** Reads what ByteWriter wrote. Reading beyond the end throws AssertionError. */
export class ByteReader {
  /** Position of the next byte. */
  position: number;
  private readonly end: number;

  constructor(
    private readonly data: Uint8Array,
    start = 0,
    end = data.length,
  ) {
    this.position = start;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** Bytes from here to the end. */
  get left(): number {
    return this.end - this.position;
  }

  byte(): number {
    if (this.position >= this.end) throw new AssertionError('read beyond the end of the data');
    return this.data[this.position++];
  }

  /** A view of the next `length` bytes. */
  bytes(length: number): Uint8Array {
    if (length > this.end - this.position) throw new AssertionError('read beyond the end of the data');
    this.position += length;
    return this.data.subarray(this.position - length, this.position);
  }

  /** Unsigned LEB128, 0 to 2^32 - 1. */
  u32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const b = this.byte();
      if (shift > 28) throw new AssertionError('LEB128 number is too long');
      value |= (b & 0x7f) << shift;
      if (b < 0x80) return value >>> 0;
    }
  }

  /** Unsigned LEB128, 0 to 2^53 - 1. */
  u53(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const b = this.byte();
      value += (b & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw new AssertionError('LEB128 number is too long');
      if (b < 0x80) return value;
    }
  }

  /** Signed LEB128 of 32 bits. */
  s32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const b = this.byte();
      if (shift > 28) throw new AssertionError('LEB128 number is too long');
      value |= (b & 0x7f) << shift;
      if (b < 0x80) return shift < 25 && (b & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
    }
  }

  /** Eight bytes as a signed number. */
  fixed64(): bigint {
    const low = BigInt(this.fixed32());
    return BigInt.asIntN(64, low | (BigInt(this.fixed32()) << 32n));
  }

  fixed32(): number {
    const { data, position: at } = this;
    if (this.end - at < 4) throw new AssertionError('read beyond the end of the data');
    this.position += 4;
    return (data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24)) >>> 0;
  }

  /** A string written by ByteWriter.utf8. */
  utf8(): string {
    return utf8Text(this.bytes(this.u32()));
  }
}

/** Decodes UTF-8 without the host's TextDecoder (the core has no DOM). Bytes that are no UTF-8 become U+FFFD. */
export function utf8Text(data: Uint8Array): string {
  let text = '';
  for (let i = 0; i < data.length; ) {
    const b = data[i++];
    const extra = b < 0x80 ? 0 : b >= 0xc2 && b < 0xe0 ? 1 : b >= 0xe0 && b < 0xf0 ? 2 : b >= 0xf0 && b < 0xf5 ? 3 : -1;
    let code = extra === 0 ? b : b & (0x3f >> extra);
    let valid = extra >= 0;
    for (let k = 0; valid && k < extra; k++) {
      if (i < data.length && (data[i] & 0xc0) === 0x80) code = (code << 6) | (data[i++] & 0x3f);
      else valid = false;
    }
    if (valid && ((extra === 2 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) || (extra === 3 && (code < 0x10000 || code > 0x10ffff)))) valid = false;
    text += valid ? String.fromCodePoint(code) : '\ufffd';
  }
  return text;
}
