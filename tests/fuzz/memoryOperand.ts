/** The address that an A64 load, store or cache instruction forms, as far as the fuzzer must know it to aim at valid memory. */
export interface MemoryOperand {
  /** Base register; 31 is SP, except where `baseIsZeroRegister`. */
  readonly base: number;
  /** Added to the base. */
  readonly offset: number;
  /** Register added to the base, extended as `extend` (the manual's option field) and shifted. */
  readonly index?: { readonly register: number; readonly extend: number; readonly shift: number };
  readonly baseIsZeroRegister?: boolean;
}

const field = (word: number, high: number, low: number): number => (word >>> low) & ((1 << (high - low + 1)) - 1);
const signed = (value: number, width: number): number => (value << (32 - width)) >> (32 - width);

/**
 * The memory operand of `word` by the top-level encoding of loads and stores (Arm ARM C4.1, "Loads and Stores").
 * @returns undefined if the word is none, or its address is relative to the pc
 */
export function memoryOperand(word: number): MemoryOperand | undefined {
  // DC ZVA, CVAC, CVAU, CIVAC, IC IVAU, …: SYS instructions with an address in Rt
  if (word >>> 16 === 0xd50b && field(word, 15, 12) === 7 && field(word, 7, 5) === 1) return { base: field(word, 4, 0), offset: 0, baseIsZeroRegister: true };
  if (field(word, 27, 27) !== 1 || field(word, 25, 25) !== 0) return undefined;
  const base = field(word, 9, 5);
  const vector = field(word, 26, 26);
  switch (field(word, 29, 28)) {
    case 0: // exclusives, compare and swap; or vector structures
      return { base, offset: 0 };
    case 1: // literals; load-acquire with unscaled offset
      if (field(word, 24, 24) === 0) return undefined;
      return { base, offset: signed(field(word, 20, 12), 9) };
    case 2: {
      const scale = vector ? 2 + field(word, 31, 30) : field(word, 31, 31) ? 3 : 2;
      const post = field(word, 24, 23) === 1;
      return { base, offset: post ? 0 : signed(field(word, 21, 15), 7) * 2 ** scale };
    }
    default: {
      const scale = vector && field(word, 23, 23) ? 4 : field(word, 31, 30);
      if (field(word, 24, 24)) return { base, offset: field(word, 21, 10) * 2 ** scale };
      if (field(word, 21, 21) === 0) return { base, offset: field(word, 11, 10) === 1 ? 0 : signed(field(word, 20, 12), 9) };
      // LDRAA, LDRAB
      if (field(word, 10, 10)) return { base, offset: authenticatedOffset(word) };
      if (field(word, 11, 10) !== 2) return { base, offset: 0 };
      return { base, offset: 0, index: { register: field(word, 20, 16), extend: field(word, 15, 13), shift: field(word, 12, 12) ? scale : 0 } };
    }
  }
}

/** The value that the index register adds: option is UXTW 2, LSL 3, SXTW 6, SXTX 7. */
export function indexValue({ extend, shift }: NonNullable<MemoryOperand['index']>, register: bigint): bigint {
  const value = extend === 2 ? BigInt.asUintN(32, register) : extend === 6 ? BigInt.asIntN(32, register) : register;
  return value << BigInt(shift);
}

/** Of LDRAA and LDRAB: S and imm9, in doublewords. */
const authenticatedOffset = (word: number): number => signed(field(word, 22, 22) * 512 + field(word, 20, 12), 10) * 8;

/** What `word`, which has a memory operand, adds to its base register; `unknown` where another register says so. */
export function writeback(word: number): number | 'unknown' {
  const vector = field(word, 26, 26);
  switch (field(word, 29, 28)) {
    case 0:
      return vector && field(word, 23, 23) ? 'unknown' : 0;
    case 2: {
      if (field(word, 23, 23) === 0) return 0;
      const scale = vector ? 2 + field(word, 31, 30) : field(word, 31, 31) ? 3 : 2;
      return signed(field(word, 21, 15), 7) * 2 ** scale;
    }
    case 3:
      if (field(word, 24, 24)) return 0;
      if (field(word, 21, 21)) return field(word, 11, 10) === 3 ? authenticatedOffset(word) : 0;
      return field(word, 10, 10) ? signed(field(word, 20, 12), 9) : 0;
    default:
      // Loads and stores of memory tags
      return field(word, 31, 24) === 0xd9 && field(word, 21, 21) === 1 && field(word, 10, 10) ? 'unknown' : 0;
  }
}

/** Whether the access that `word` makes must be aligned: exclusive, ordered and atomic ones. */
export function needsAlignment(word: number): boolean {
  if (field(word, 26, 26)) return false;
  if (field(word, 29, 27) === 1) return true;
  if (field(word, 29, 27) === 3) return field(word, 24, 24) === 1;
  return field(word, 29, 27) === 7 && field(word, 24, 24) === 0 && field(word, 21, 21) === 1 && field(word, 11, 10) === 0;
}
