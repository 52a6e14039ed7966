import { closeSync, openSync, readSync } from 'node:fs';
import { brotli } from '../packages/cli/src/trace/compression.ts';
import { createAArch64 } from '../packages/core/src/guest/aarch64/aarch64.ts';
import { SIZE_OF } from '../packages/core/src/ir/index.ts';
import { ChunkFileParser, stateOf, TraceHash, TraceReader } from '../packages/core/src/trace/index.ts';

/** Instructions in a trace, and a hash of their addresses, bytes, results and memory accesses. */
export interface TraceSum {
  readonly insns: number;
  readonly digest: string;
}

const PIECE = 1 << 20;

function eachPiece(path: string, use: (piece: Buffer) => void): void {
  const fd = openSync(path, 'r');
  const piece = Buffer.alloc(PIECE);
  for (let count = readSync(fd, piece); count > 0; count = readSync(fd, piece)) use(piece.subarray(0, count));
  closeSync(fd);
}

/** Of a chunk file. @throws Error if it is not whole */
export function sumOfChunks(path: string): TraceSum {
  let reader: TraceReader | undefined;
  let hash: TraceHash | undefined;
  const parser = new ChunkFileParser(
    {
      header: (header) => {
        reader = new TraceReader(stateOf(header));
        hash = new TraceHash(reader);
      },
      define: (definitions) => reader?.define(definitions),
      records: (records) => reader?.read(records, hash as TraceHash),
    },
    brotli,
  );
  eachPiece(path, (piece) => parser.push(piece));
  const damage = parser.finish();
  if (damage !== undefined || hash === undefined) throw new Error(`${path}: ${damage}`);
  return { insns: hash.insns, digest: hash.digest };
}

/** Of a file in the text format, read back from its lines alone, for the same digest. */
export function sumOfText(path: string): TraceSum {
  const hash = new TextHash();
  let rest = Buffer.alloc(0);
  eachPiece(path, (piece) => {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE, start); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      hash.line(bytes, start, end);
      start = end + 1;
    }
    rest = Buffer.from(bytes.subarray(start));
  });
  if (rest.length > 0) throw new Error(`${path}: ends within a line`);
  return { insns: hash.insns, digest: hash.digest };
}

const NEWLINE = 10;
const SPACE = 32;
const code = (character: string): number => character.charCodeAt(0);

/** Value of each byte as a hexadecimal digit, or -1. */
const DIGIT = Int8Array.from({ length: 256 }, (_, c) => '0123456789abcdef'.indexOf(String.fromCharCode(c)));

/** TraceHash's sum, from text. It scans bytes: the text of the article's program has 1.6 GB. */
class TextHash {
  insns = 0;
  private a = 0x811c_9dc5 | 0;
  private b = 0x9e37_79b9 | 0;
  private readonly widths = new Map(createAArch64().state.registers.map(({ name, type }) => [name, SIZE_OF[type] >> 2]));
  /** Words of the number read last, the lowest first, and where it ended. */
  private readonly words = new Int32Array(4);
  private end = 0;

  /** One line, without its newline: step, pc, opcode, symbol, disassembly, inputs, `->`, results, accesses. */
  line(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (bytes[at] === SPACE) at++;
    let step = 0;
    for (; bytes[at] !== SPACE; at++) step = step * 10 + (bytes[at] as number) - 48;
    at += 2;
    if (bytes[at] === code('-')) return;
    if (step !== this.insns) throw new Error(`step ${this.insns} is not where it should be: ${bytes.toString('latin1', start, end)}`);
    this.insns++;
    this.number(bytes, at + 2, end);
    this.mix(this.words[0] as number);
    this.number(bytes, this.end + 2, end);
    this.mix(this.words[0] as number);
    let results = false;
    let flags: number | undefined;
    for (at = this.end; at < end; ) {
      while (at < end && bytes[at] === SPACE) at++;
      let next = bytes.indexOf(SPACE, at);
      if (next < 0 || next > end) next = end;
      if (bytes[at] === code('-') && bytes[at + 1] === code('>')) results = true;
      else if (this.isAccess(bytes, at, next)) {
        if (flags !== undefined) this.mix(flags);
        flags = undefined;
        results = false;
        this.access(bytes, at, next, end);
        next = this.end;
      } else if (results) flags = this.result(bytes, at, next) ?? flags;
      at = next;
    }
    if (flags !== undefined) this.mix(flags);
  }

  get digest(): string {
    return (this.a >>> 0).toString(16).padStart(8, '0') + (this.b >>> 0).toString(16).padStart(8, '0');
  }

  /** `load8` or `store16`, and an address behind it. */
  private isAccess(bytes: Buffer, at: number, end: number): boolean {
    const first = bytes[at];
    if ((first !== code('l') && first !== code('s')) || bytes[end + 1] !== code('[') || bytes[end + 2] !== 48 || bytes[end + 3] !== code('x')) return false;
    return /^(load|store)\d+$/.test(bytes.toString('latin1', at, end));
  }

  private access(bytes: Buffer, at: number, end: number, lineEnd: number): void {
    const width = Number(bytes.toString('latin1', at + (bytes[at] === code('l') ? 4 : 5), end));
    this.number(bytes, end + 4, lineEnd);
    const [low, high] = this.words as unknown as [number, number];
    if (bytes[this.end + 1] !== code('=')) {
      this.end += ' not done'.length + 1;
      return;
    }
    this.mix(low);
    this.mix(high);
    this.number(bytes, this.end + 4, lineEnd);
    this.mixNumber(Math.max(width >> 2, 1));
  }

  /** `x0=0x1`, or `nzcv=nZcv`, whose word is returned: it comes last. */
  private result(bytes: Buffer, at: number, end: number): number | undefined {
    const equals = bytes.indexOf(code('='), at);
    if (bytes[equals + 1] !== 48) {
      let word = 0;
      for (let i = 0; i < 4; i++) if ((bytes[equals + 1 + i] as number) < 97) word |= 1 << (31 - i);
      return word;
    }
    const width = bytes[at] === code('x') ? 2 : (this.widths.get(bytes.toString('latin1', at, equals)) as number);
    this.number(bytes, equals + 3, end);
    this.mixNumber(width);
    return undefined;
  }

  /** Reads hexadecimal digits up to what is none. */
  private number(bytes: Buffer, at: number, limit: number): void {
    let end = at;
    while (end < limit && (DIGIT[bytes[end] as number] as number) >= 0) end++;
    const { words } = this;
    words.fill(0);
    for (let i = end - 1, bit = 0; i >= at; i--, bit += 4)
      words[bit >> 5] = (words[bit >> 5] as number) | ((DIGIT[bytes[i] as number] as number) << (bit & 31));
    this.end = end;
  }

  private mixNumber(width: number): void {
    for (let i = 0; i < width; i++) this.mix(this.words[i] as number);
  }

  private mix(word: number): void {
    this.a = Math.imul(this.a ^ word, 0x0100_0193);
    this.b = (Math.imul((this.b << 13) | (this.b >>> 19), 5) + (word ^ this.a)) | 0;
  }
}
