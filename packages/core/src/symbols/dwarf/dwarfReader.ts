import { AssertionError, fromHalves, utf8Text } from '../../base/index.ts';

/** Damaged debugging information: what has been read of it stays in use. */
export class DwarfError extends AssertionError {}

/** Reads the encodings of DWARF 5, section 7: little-endian numbers, LEB128, strings. Reading beyond the end throws DwarfError. */
export class DwarfReader {
  position: number;
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    start = 0,
    private readonly end = bytes.length,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.position = start;
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.end - this.position;
  }

  /** Steps over `length` bytes. @returns where they begin */
  skip(length: number): number {
    const at = this.position;
    if (length < 0 || length > this.end - at) throw new DwarfError('the debugging information ends too early');
    this.position = at + length;
    return at;
  }

  u8(): number {
    return this.view.getUint8(this.skip(1));
  }

  s8(): number {
    return this.view.getInt8(this.skip(1));
  }

  u16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  u24(): number {
    return this.u16() | (this.u8() << 16);
  }

  u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** 64 bits; what is above 2^53 loses low bits. */
  u64(): number {
    const at = this.skip(8);
    return fromHalves(this.view.getUint32(at, true), this.view.getUint32(at + 4, true));
  }

  /** A number of 1, 2, 4 or 8 bytes. */
  fixed(bytes: number): number {
    switch (bytes) {
      case 1:
        return this.u8();
      case 2:
        return this.u16();
      case 4:
        return this.u32();
      case 8:
        return this.u64();
      default:
        throw new DwarfError(`the debugging information has a number of ${bytes} bytes`);
    }
  }

  /** The offset of a section's unit: 4 bytes, or 8 in the 64-bit format. */
  offset(is64: boolean): number {
    return is64 ? this.u64() : this.u32();
  }

  /** Length of a unit, and its format. */
  unitLength(): { readonly length: number; readonly is64: boolean } {
    const length = this.u32();
    return length === 0xffff_ffff ? { length: this.u64(), is64: true } : { length, is64: false };
  }

  /** Unsigned LEB128; what is above 2^53 loses low bits. */
  uleb(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  /** Signed LEB128. */
  sleb(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - factor;
    }
  }

  /** A string up to a NUL. */
  string(): string {
    const at = this.position;
    let end = at;
    while (end < this.end && this.bytes[end] !== 0) end++;
    this.skip(end - at + 1);
    return utf8Text(this.bytes.subarray(at, end));
  }
}

/** The string at `offset` of a string section; '' where there is none. */
export function stringAt(section: Uint8Array | undefined, offset: number): string {
  if (section === undefined || offset >= section.length) return '';
  return new DwarfReader(section, offset).string();
}
