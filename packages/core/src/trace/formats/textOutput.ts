import { utf8Bytes } from '../../base/index.ts';

/** Two hexadecimal digits for each byte: the first in the low half of the entry, the second in the high half. */
const HEX_PAIRS = Uint16Array.from(
  { length: 256 },
  (_, n) => n.toString(16).padStart(2, '0').charCodeAt(0) | (n.toString(16).padStart(2, '0').charCodeAt(1) << 8),
);
const DIGIT_0 = 48;

/** Bytes of text on their way to a file, in a buffer that is filled from the front. */
export class TextOutput {
  /** Written up to `position`. Callers that write to it directly call `reserve` before. */
  readonly buffer: Uint8Array;
  position = 0;

  /** @param sink gets the bytes, valid during the call only */
  constructor(
    private readonly sink: (bytes: Uint8Array) => void,
    capacity = 0x10_0000,
  ) {
    this.buffer = new Uint8Array(capacity);
  }

  /** Makes room for `bytes` bytes, no more than the capacity. */
  reserve(bytes: number): void {
    if (this.position + bytes > this.buffer.length) this.flush();
  }

  /** Hands on what there is. */
  flush(): void {
    if (this.position > 0) this.sink(this.buffer.subarray(0, this.position));
    this.position = 0;
  }

  /** Appends text, of any length; in one piece if it fits the buffer. */
  text(text: string): void {
    const { length } = text;
    if (length <= this.buffer.length) {
      this.reserve(length);
      const { buffer, position } = this;
      let at = 0;
      for (; at < length; at++) {
        const code = text.charCodeAt(at);
        if (code >= 0x80) break;
        buffer[position + at] = code;
      }
      if (at === length) {
        this.position = position + length;
        return;
      }
    }
    const bytes = utf8Bytes(text);
    if (bytes.length <= this.buffer.length) this.reserve(bytes.length);
    this.bytes(bytes);
  }

  bytes(bytes: ArrayLike<number>): void {
    const { length } = bytes;
    for (let done = 0; done < length; ) {
      if (this.position === this.buffer.length) this.flush();
      const count = Math.min(length - done, this.buffer.length - this.position);
      if (bytes instanceof Uint8Array) this.buffer.set(count === length ? bytes : bytes.subarray(done, done + count), this.position);
      else for (let i = 0; i < count; i++) this.buffer[this.position + i] = bytes[done + i];
      this.position += count;
      done += count;
    }
  }

  // What follows needs room reserved.

  byte(byte: number): void {
    this.buffer[this.position++] = byte;
  }

  /** Eight hexadecimal digits. */
  hex32(word: number): void {
    const { buffer, position: p } = this;
    let pair = HEX_PAIRS[word >>> 24];
    buffer[p] = pair;
    buffer[p + 1] = pair >> 8;
    pair = HEX_PAIRS[(word >>> 16) & 255];
    buffer[p + 2] = pair;
    buffer[p + 3] = pair >> 8;
    pair = HEX_PAIRS[(word >>> 8) & 255];
    buffer[p + 4] = pair;
    buffer[p + 5] = pair >> 8;
    pair = HEX_PAIRS[word & 255];
    buffer[p + 6] = pair;
    buffer[p + 7] = pair >> 8;
    this.position = p + 8;
  }

  /** The low `digits` hexadecimal digits of a word, 1 to 8. */
  hexDigits(word: number, digits: number): void {
    const { buffer } = this;
    let p = this.position + digits;
    this.position = p;
    let rest = word;
    for (let i = digits; i > 1; i -= 2) {
      const pair = HEX_PAIRS[rest & 255];
      buffer[--p] = pair >> 8;
      buffer[--p] = pair;
      rest >>>= 8;
    }
    if ((digits & 1) === 1) buffer[--p] = HEX_PAIRS[rest & 15] >> 8;
  }

  /** Hexadecimal without leading zeros. */
  hexTrimmed(word: number): void {
    this.hexDigits(word, word === 0 ? 1 : 8 - (Math.clz32(word) >> 2));
  }

  /** `words` 32-bit words of `values`, the least significant at `at`, as one hexadecimal number without leading zeros. */
  hexValue(values: Int32Array, at: number, words: number): void {
    let top = words - 1;
    while (top > 0 && values[at + top] === 0) top--;
    this.hexTrimmed(values[at + top]);
    while (--top >= 0) this.hex32(values[at + top]);
  }

  /** A number 0 to 2^53 - 1 in decimal. @param width filled up with blanks on the left */
  decimal(n: number, width = 0): void {
    const { buffer } = this;
    let digits = 1;
    for (let power = 10; n >= power; power *= 10) digits++;
    for (let i = digits; i < width; i++) buffer[this.position++] = 32;
    let p = this.position + digits;
    this.position = p;
    let rest = n;
    for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 10)) buffer[--p] = DIGIT_0 + (rest % 10);
    let small = rest | 0;
    do {
      const tenth = (small / 10) | 0;
      buffer[--p] = DIGIT_0 + small - tenth * 10;
      small = tenth;
    } while (p > this.position - digits);
  }
}
