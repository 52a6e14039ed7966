/** Fewer bytes are copied one by one: that takes less than to make a view of them. */
const FEW = 96;
const NO_WORDS = new Int32Array(0);

/** Puts a number into bytes as ByteWriter.paddedLeb writes it. */
export function putPaddedLeb(into: Uint8Array, at: number, n: number, bytes: number): void {
  let rest = n;
  for (let i = 0; i < bytes; i++, rest >>>= 7) into[at + i] = (rest & 0x7f) | (i < bytes - 1 ? 0x80 : 0);
}

/** Puts a number of 32 bits into bytes, the low ones first. */
export function putFixed32(into: Uint8Array, at: number, n: number): void {
  into[at] = n;
  into[at + 1] = n >>> 8;
  into[at + 2] = n >>> 16;
  into[at + 3] = n >>> 24;
}

/** A growing byte buffer with LEB128, for Wasm modules and chunk files. */
export class ByteWriter {
  private buffer: Uint8Array;
  /** For the halves of numbers of 64 bits, in those writers that get some. */
  private wide: BigInt64Array | undefined;
  private halves: Int32Array = NO_WORDS;
  /** Number of bytes written. */
  length = 0;

  /** @param room its first bytes, or how many they are; where more are written, they move */
  constructor(room: number | Uint8Array = 1024) {
    this.buffer = typeof room === 'number' ? new Uint8Array(room) : room;
  }

  /** Whether what has been written is in the room that it was given. */
  isIn(room: Uint8Array): boolean {
    return this.buffer === room;
  }

  private grow(extra: number): void {
    const bigger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + extra));
    bigger.set(this.buffer.subarray(0, this.length));
    this.buffer = bigger;
  }

  byte(b: number): void {
    if (this.length === this.buffer.length) this.grow(1);
    this.buffer[this.length++] = b;
  }

  /** @param length data's own: arrays of many kinds come here, so that who has it already saves a look-up */
  bytes(data: ArrayLike<number>, length = data.length): void {
    if (this.length + length > this.buffer.length) this.grow(length);
    this.buffer.set(data, this.length);
    this.length += length;
  }

  /** Appends bytes `start`..`end` of another writer. */
  append(other: ByteWriter, start = 0, end = other.length): void {
    if (end - start > FEW) return this.bytes(other.buffer.subarray(start, end));
    const { buffer } = other;
    for (let at = start; at < end; at++) this.byte(buffer[at]);
  }

  /** Byte number `at` of those written. */
  at(at: number): number {
    return this.buffer[at];
  }

  /** Changes byte number `at` of those written. */
  put(at: number, byte: number): void {
    this.buffer[at] = byte;
  }

  /** Copies bytes `start`..`end` of those written to the same places in `to`. */
  copyTo(to: Uint8Array, start = 0, end = this.length): void {
    if (end - start > FEW) to.set(this.buffer.subarray(start, end), start);
    else for (let at = start; at < end; at++) to[at] = this.buffer[at];
  }

  /**
   * The buffer itself, which begins with what has been written, and has room for so many bytes more: for who writes or reads many,
   * one by one. Theirs until anything else is written; `truncate` says where the bytes end that were put there.
   */
  room(bytes: number): Uint8Array {
    if (this.length + bytes > this.buffer.length) this.grow(bytes);
    return this.buffer;
  }

  /** Has so many bytes: what has been written becomes shorter, or has what was put into its `room`, too. */
  truncate(length: number): void {
    this.length = length;
  }

  /** Unsigned LEB128 of a number in 0 .. 2^32 - 1. */
  u32(n: number): void {
    n >>>= 0;
    while (n > 0x7f) {
      this.byte((n & 0x7f) | 0x80);
      n >>>= 7;
    }
    this.byte(n);
  }

  /** Unsigned LEB128 of a number in 0 .. 2^53 - 1: steps, addresses, lengths. */
  u53(n: number): void {
    if (n <= 0xffff_ffff) return this.u32(n);
    const high = Math.floor(n / 0x1000_0000);
    const low = n - high * 0x1000_0000;
    const at = this.length;
    if (at + 4 > this.buffer.length) this.grow(4);
    const { buffer } = this;
    buffer[at] = low | 0x80;
    buffer[at + 1] = (low >>> 7) | 0x80;
    buffer[at + 2] = (low >>> 14) | 0x80;
    buffer[at + 3] = (low >>> 21) | 0x80;
    this.length = at + 4;
    this.u32(high);
  }

  /** LEB128, in so many bytes even if fewer would do, of a number whose bits leave the last byte's bit 6 clear. */
  paddedLeb(n: number, bytes: number): void {
    for (let i = 0; i < bytes; i++, n >>>= 7) this.byte((n & 0x7f) | (i < bytes - 1 ? 0x80 : 0));
  }

  /** Signed LEB128 of a 32-bit number. */
  s32(n: number): void {
    n |= 0;
    for (;;) {
      const low = n & 0x7f;
      n >>= 7;
      if ((n === 0 && (low & 0x40) === 0) || (n === -1 && (low & 0x40) !== 0)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  /** Signed LEB128 of a 64-bit value given as two halves. */
  s64(lo: number, hi: number): void {
    lo |= 0;
    hi |= 0;
    for (;;) {
      const low = lo & 0x7f;
      lo = (lo >>> 7) | (hi << 25);
      hi >>= 7;
      const rest = lo | hi;
      const allOnes = (lo & hi) === -1;
      if ((rest === 0 && (low & 0x40) === 0) || (allOnes && (low & 0x40) !== 0)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  fixed32(n: number): void {
    const at = this.length;
    if (at + 4 > this.buffer.length) this.grow(4);
    putFixed32(this.buffer, at, n);
    this.length = at + 4;
  }

  /** A value of 64 bits, or its low ones. */
  fixed64(n: bigint): void {
    if (this.wide === undefined) {
      this.wide = new BigInt64Array(1);
      this.halves = new Int32Array(this.wide.buffer);
    }
    this.wide[0] = n;
    this.fixed32(this.halves[0]);
    this.fixed32(this.halves[1]);
  }

  utf8(text: string): void {
    const encoded = utf8Bytes(text);
    this.u32(encoded.length);
    this.bytes(encoded);
  }

  /** The bytes written so far, shared with the writer. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** A copy of the bytes written so far. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length) as Uint8Array<ArrayBuffer>;
  }

  reset(): void {
    this.length = 0;
  }
}

/** UTF-8 of a string, without the host's TextEncoder (the core has no DOM). Lone surrogates become U+FFFD. */
export function utf8Bytes(text: string): number[] {
  const out: number[] = [];
  for (const character of text) {
    let c = character.codePointAt(0) as number;
    if (c >= 0xd800 && c <= 0xdfff) c = 0xfffd;
    if (c < 0x80) out.push(c);
    else if (c < 0x800) out.push(0xc0 | (c >> 6), 0x80 | (c & 0x3f));
    else if (c < 0x10000) out.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 0x3f), 0x80 | (c & 0x3f));
    else out.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 0x3f), 0x80 | ((c >> 6) & 0x3f), 0x80 | (c & 0x3f));
  }
  return out;
}
