/** Codes have up to so many bits. */
const MOST_BITS = 15;
const END_OF_BLOCK = 256;
const FIRST_LENGTH = 257;
/** Of lengths 3 to 258, and of distances 1 to 32768: so many bits follow the code, each group of codes one more than that before. */
const LENGTHS = ranges(3, 29, 8, 4);
const DISTANCES = ranges(1, 30, 4, 2);
/** In which order the lengths of the code for lengths come. */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const fail = (what: string): never => {
  throw new Error(`damaged: ${what}`);
};

/** What each code begins at, and how many bits behind it are added to that. */
function ranges(first: number, count: number, without: number, each: number): { readonly base: readonly number[]; readonly bits: readonly number[] } {
  const bits = Array.from({ length: count }, (_, i) => (i < without ? 0 : Math.floor((i - without) / each) + 1));
  const base: number[] = [];
  let at = first;
  for (const extra of bits) {
    base.push(at);
    at += 2 ** extra;
  }
  // The longest match has a code of its own.
  if (first === 3) {
    bits[count - 1] = 0;
    base[count - 1] = 258;
  }
  return { base, bits };
}

/** A Huffman code: by the next `bits` bits of the stream, 16 times the symbol and the bits that its code has. 0: there is no such code. */
interface Code {
  readonly bits: number;
  readonly table: Uint16Array;
}

/** @param lengths bits of the code of each symbol; 0: it has none */
function makeCode(lengths: Uint8Array): Code {
  const bits = Math.max(
    1,
    lengths.reduce((a, b) => Math.max(a, b), 0),
  );
  const table = new Uint16Array(1 << bits);
  let code = 0;
  for (let length = 1; length <= bits; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      if (code >= 1 << length) fail('a code with too many symbols');
      // The stream has the code's highest bit first.
      let reversed = 0;
      for (let i = 0; i < length; i++) reversed |= ((code >> i) & 1) << (length - 1 - i);
      for (let at = reversed; at < table.length; at += 1 << length) table[at] = (symbol << 4) | length;
      code++;
    }
    code <<= 1;
  }
  return { bits, table };
}

/** Lengths of the codes of blocks that bring none. */
const fixedLengths = (): Uint8Array => {
  const lengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280);
  return lengths;
};

class Inflater {
  private readonly out: Uint8Array;
  private written = 0;
  private at = 0;
  /** Bits that have been read and not been used, the next one lowest. */
  private held = 0;
  private count = 0;

  constructor(
    private readonly data: Uint8Array,
    length: number,
  ) {
    this.out = new Uint8Array(length);
  }

  run(): Uint8Array {
    for (let isLast = false; !isLast; ) {
      isLast = this.bits(1) === 1;
      const kind = this.bits(2);
      if (kind === 0) this.storedBlock();
      else if (kind === 1) this.block(makeCode(fixedLengths()), makeCode(new Uint8Array(30).fill(5)));
      else if (kind === 2) this.block(...this.readCodes());
      else fail('a block of an unknown kind');
    }
    if (this.written !== this.out.length) fail(`${this.written} bytes, where ${this.out.length} should be`);
    return this.out;
  }

  /** Has at least so many bits, up to 24, held; behind the end they are zeros. */
  private need(count: number): void {
    while (this.count < count) {
      this.held |= (this.data[this.at++] ?? 0) << this.count;
      this.count += 8;
    }
    // More than the last symbol looks ahead.
    if (this.at > this.data.length + 4) fail('it ends too soon');
  }

  private bits(count: number): number {
    this.need(count);
    const value = this.held & ((1 << count) - 1);
    this.drop(count);
    return value;
  }

  private drop(count: number): void {
    this.held >>>= count;
    this.count -= count;
  }

  private symbol({ bits, table }: Code): number {
    this.need(bits);
    const entry = table[this.held & ((1 << bits) - 1)];
    if (entry === 0) fail('a code that there is not');
    this.drop(entry & 15);
    return entry >> 4;
  }

  private storedBlock(): void {
    // What is held beyond this byte is given back.
    this.drop(this.count & 7);
    this.at -= this.count >> 3;
    this.held = 0;
    this.count = 0;
    const { data, out, at } = this;
    const length = data[at] | (data[at + 1] << 8);
    if (at + 4 > data.length || length !== (~(data[at + 2] | (data[at + 3] << 8)) & 0xffff)) fail('a stored block of no length');
    const bytes = data.subarray(at + 4, at + 4 + length);
    if (bytes.length < length || this.written + length > out.length) fail('a stored block that is too long');
    out.set(bytes, this.written);
    this.at += 4 + length;
    this.written += length;
  }

  private readCodes(): [Code, Code] {
    const symbols = this.bits(5) + FIRST_LENGTH;
    const distances = this.bits(5) + 1;
    const own = new Uint8Array(CODE_LENGTH_ORDER.length);
    const given = this.bits(4) + 4;
    for (let i = 0; i < given; i++) own[CODE_LENGTH_ORDER[i]] = this.bits(3);
    const code = makeCode(own);
    const lengths = new Uint8Array(symbols + distances);
    for (let i = 0; i < lengths.length; ) {
      const symbol = this.symbol(code);
      if (symbol <= MOST_BITS) {
        lengths[i++] = symbol;
        continue;
      }
      const times = symbol === 16 ? 3 + this.bits(2) : symbol === 17 ? 3 + this.bits(3) : 11 + this.bits(7);
      if (i + times > lengths.length || (symbol === 16 && i === 0)) fail('lengths of codes that nothing has');
      lengths.fill(symbol === 16 ? lengths[i - 1] : 0, i, i + times);
      i += times;
    }
    return [makeCode(lengths.subarray(0, symbols)), makeCode(lengths.subarray(symbols))];
  }

  private block(symbols: Code, distances: Code): void {
    const { out } = this;
    for (;;) {
      const symbol = this.symbol(symbols);
      if (symbol === END_OF_BLOCK) return;
      if (symbol < END_OF_BLOCK) {
        if (this.written === out.length) fail('it has more bytes than it should');
        out[this.written++] = symbol;
        continue;
      }
      const [length, distance] = [this.number(LENGTHS, symbol - FIRST_LENGTH), this.number(DISTANCES, this.symbol(distances))];
      const from = this.written - distance;
      if (from < 0 || this.written + length > out.length) fail('a copy of what there is not');
      // One that overlaps itself repeats what it has just made.
      for (let i = 0; i < length; i++) out[this.written + i] = out[from + i];
      this.written += length;
    }
  }

  private number({ base, bits }: typeof LENGTHS, code: number): number {
    if (code >= base.length) fail('a code that there is not');
    return base[code] + this.bits(bits[code]);
  }
}

/**
 * Undoes Deflate (RFC 1951), where the host does not: browsers do it asynchronously only.
 * @param length bytes that come of it
 * @throws Error if that is not what `data` holds
 */
export const inflate = (data: Uint8Array, length: number): Uint8Array => new Inflater(data, length).run();
