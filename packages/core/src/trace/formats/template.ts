import { utf8Bytes } from '../../base/index.ts';
import type { At } from '../program.ts';
import type { TextOutput } from './textOutput.ts';

const Op = {
  /** number of the literal */
  literal: 0,
  /** at, words: hexadecimal without leading zeros */
  hex: 1,
  /** at, bytes: hexadecimal, two digits a byte */
  hexFixed: 2,
  /** at, addend: 64-bit address plus a small number, hexadecimal, 8 digits or more */
  address: 7,
  /** at, bytes: two digits for each byte, the lowest first */
  memoryBytes: 8,
  /** at: N Z C V in bits 31..28 as letters, upper case where set */
  flags: 3,
  /** at: bits 31..28 as one hexadecimal digit */
  topDigit: 4,
  /** at, where to go on if the word is 0 */
  ifNotZero: 5,
  /** at, where to go on if the word is not 0 */
  ifZero: 6,
} as const;

/** Literals of so many bytes and more are copied by one call instead of a loop. */
const LONG_LITERAL = 24;
const FLAG_LETTERS = Uint8Array.from('nzcv', (letter) => letter.charCodeAt(0));

/** The text of one instruction with places for its values: made once, filled in each time it runs. */
export class LineTemplate {
  /** @param maxBytes most bytes that it may take */
  constructor(
    private readonly code: Int32Array,
    private readonly literals: readonly Uint8Array[],
    readonly maxBytes: number,
  ) {}

  /** Appends the text with values from `values`. */
  write(out: TextOutput, values: Int32Array): void {
    const { code } = this;
    out.reserve(this.maxBytes);
    for (let p = 0; p < code.length; ) {
      switch (code[p]) {
        case Op.literal: {
          const literal = this.literals[code[p + 1]];
          const { buffer, position } = out;
          if (literal.length >= LONG_LITERAL) buffer.set(literal, position);
          else for (let i = 0; i < literal.length; i++) buffer[position + i] = literal[i];
          out.position = position + literal.length;
          p += 2;
          break;
        }
        case Op.hex:
          out.hexValue(values, code[p + 1], code[p + 2]);
          p += 3;
          break;
        case Op.hexFixed: {
          const at = code[p + 1];
          const bytes = code[p + 2];
          if (bytes < 4) out.hexDigits(values[at], bytes * 2);
          else for (let i = (bytes >> 2) - 1; i >= 0; i--) out.hex32(values[at + i]);
          p += 3;
          break;
        }
        case Op.address: {
          const low = values[code[p + 1]];
          const sum = (low + code[p + 2]) | 0;
          const high = values[code[p + 1] + 1] + (sum >>> 0 < low >>> 0 ? 1 : 0);
          if (high !== 0) out.hexTrimmed(high);
          out.hex32(sum);
          p += 3;
          break;
        }
        case Op.memoryBytes: {
          const at = code[p + 1];
          const bytes = code[p + 2];
          for (let i = 0; i < bytes; i++) out.hexDigits(values[at + (i >> 2)] >>> ((i & 3) * 8), 2);
          p += 3;
          break;
        }
        case Op.flags: {
          const word = values[code[p + 1]];
          for (let i = 0; i < 4; i++) out.byte(FLAG_LETTERS[i] - ((word >>> (31 - i)) & 1) * 32);
          p += 2;
          break;
        }
        case Op.topDigit:
          out.hexDigits(values[code[p + 1]] >>> 28, 1);
          p += 2;
          break;
        case Op.ifNotZero:
          p = values[code[p + 1]] !== 0 ? p + 3 : code[p + 2];
          break;
        default:
          p = values[code[p + 1]] === 0 ? p + 3 : code[p + 2];
      }
    }
  }
}

/** Builds a LineTemplate, piece after piece. */
export class TemplateBuilder {
  private readonly code: number[] = [];
  private readonly literals: Uint8Array[] = [];
  private pending = '';
  private maxBytes = 0;

  text(text: string): this {
    this.pending += text;
    return this;
  }

  /** A value of `words` 32-bit words in hexadecimal without leading zeros. */
  hex(at: At, words: number): this {
    return this.op(words * 8, Op.hex, at, words);
  }

  /** A value of 1, 2 or 4 n bytes in hexadecimal with all its digits. */
  hexFixed(at: At, bytes: number): this {
    return this.op(bytes * 2, Op.hexFixed, at, bytes);
  }

  /** A 64-bit address plus a number below 2^31, in 8 digits or more. */
  address(at: At, addend = 0): this {
    return this.op(16, Op.address, at, addend);
  }

  /** The bytes of a value in memory order, two hexadecimal digits each. */
  memoryBytes(at: At, bytes: number): this {
    return this.op(bytes * 2, Op.memoryBytes, at, bytes);
  }

  /** N Z C V as letters, upper case where set. */
  flags(at: At): this {
    return this.op(4, Op.flags, at);
  }

  /** Bits 31..28 of a word as one digit. */
  topDigit(at: At): this {
    return this.op(1, Op.topDigit, at);
  }

  /** What `then` adds is written only if the word is not 0, what `otherwise` adds only if it is. */
  choose(at: At, then: (builder: this) => void, otherwise?: (builder: this) => void): this {
    this.branch(Op.ifNotZero, at, then);
    if (otherwise !== undefined) this.branch(Op.ifZero, at, otherwise);
    return this;
  }

  build(): LineTemplate {
    this.flush();
    return new LineTemplate(Int32Array.from(this.code), this.literals, this.maxBytes);
  }

  private branch(op: number, at: At, add: (builder: this) => void): void {
    this.op(0, op, at, 0);
    const hole = this.code.length - 1;
    add(this);
    this.flush();
    this.code[hole] = this.code.length;
  }

  private op(bytes: number, ...code: number[]): this {
    this.flush();
    this.maxBytes += bytes;
    this.code.push(...code);
    return this;
  }

  private flush(): void {
    if (this.pending === '') return;
    const bytes = Uint8Array.from(utf8Bytes(this.pending));
    this.pending = '';
    this.maxBytes += bytes.length;
    this.code.push(Op.literal, this.literals.push(bytes) - 1);
  }
}
