import type { Decoder, Row } from '../../packages/core/src/guest/decode/index.ts';
import { backward, isDirectBranch, isIndirectBranch, isRegister, randomCodeAddress, randomWord } from './generate.ts';
import { indexValue, type MemoryOperand, memoryOperand, needsAlignment, writeback } from './memoryOperand.ts';
import type { Random } from './random.ts';
import { MEMORY_WINDOWS } from './record.ts';

/** A straight-line block, and the registers that it needs to find memory. */
export interface RandomBlock {
  readonly words: readonly number[];
  /** Initial values by register number; 31 is SP. */
  readonly registers: ReadonlyMap<number, bigint>;
}

/** Registers that are no destination but of writebacks and of the instructions that aim them, so that accesses find memory. */
const BASES = [20, 21, 22, 23];
const SP = 31;
/** Index registers: small, and with a negative low half beneath other bits. */
const INDEXES = [25, 26];
/** The register of indirect branches: it never leads back into the block. */
const BRANCH = 24;
const RESERVED: ReadonlySet<number> = new Set([...BASES, BRANCH, ...INDEXES]);

/** The widest access, and the most that a word may move its base: 4 vectors. */
const WIDEST = 64;
const ADDRESS_MASK = (1n << 56n) - 1n;

const MOVZ = 0xd2800000;
const MOVK = 0xf2800000;
const ADD_IMMEDIATE = 0x91000000;
const SUB_IMMEDIATE = 0xd1000000;
const PACDZA = 0xdac12be0;
const PACDZB = 0xdac12fe0;
const XPACD = 0xdac147e0;

const isBranch = (word: number): boolean => isDirectBranch(word) || isIndirectBranch(word);
/** LDRAA or LDRAB, whose base must be signed with key DA or DB and no modifier. */
const isAuthenticatedLoad = (word: number): boolean => (word & 0xff200400) >>> 0 === 0xf8200400;
const keyOf = (word: number): number => (word >>> 23) & 1;

/** Instructions that add `difference` (below 2^24) to `from` and leave the sum in `to`; both 31 for SP. */
function addConstant(to: number, from: number, difference: number): number[] {
  const opcode = difference < 0 ? SUB_IMMEDIATE : ADD_IMMEDIATE;
  const [low, high] = [Math.abs(difference) & 0xfff, Math.abs(difference) >>> 12];
  const words = high === 0 ? [] : [(opcode | (1 << 22) | (high << 10) | (from << 5) | to) >>> 0];
  if (low !== 0 || words.length === 0) words.push((opcode | (low << 10) | ((high === 0 ? from : to) << 5) | to) >>> 0);
  return words;
}

/** MOVZ and MOVKs that load `value`. */
function loadConstant(register: number, value: bigint): number[] {
  const words = [];
  for (let i = 0; i < 4; i++) {
    const half = Number((value >> BigInt(16 * i)) & 0xffffn);
    if (half !== 0 || i === 0) words.push(((words.length === 0 ? MOVZ : MOVK) | (i << 21) | (half << 5) | register) >>> 0);
  }
  return words;
}

/** What a block's generator knows of the registers that memory operands use. */
class Addresses {
  readonly initial = new Map<number, bigint>();
  /** Values at this point; those that are not known are missing. */
  private readonly known = new Map<number, bigint>();

  constructor(private readonly random: Random) {
    for (const base of [...BASES, SP]) this.set(base, BigInt(this.target(true)));
    this.set(INDEXES[0] as number, BigInt.asUintN(64, BigInt(random.below(96) - 48)));
    this.set(INDEXES[1] as number, (BigInt(random.u32()) << 32n) | BigInt((random.below(64) - 48) >>> 0));
    for (const [register, value] of this.known) this.initial.set(register, value);
  }

  private set(register: number, value: bigint): void {
    this.known.set(register, value);
  }

  forget(register: number): void {
    this.known.delete(register);
  }

  /** An address with room for every access. */
  private target(aligned: boolean): number {
    const window = MEMORY_WINDOWS[this.random.below(2)] as (typeof MEMORY_WINDOWS)[number];
    const address = window.start + this.random.below(window.bytes - WIDEST + 1);
    return aligned || this.random.oneIn(2) ? address & ~15 : address;
  }

  private isTarget(address: bigint, aligned: boolean): boolean {
    const at = address & ADDRESS_MASK;
    if (aligned && (at & 15n) !== 0n) return false;
    return MEMORY_WINDOWS.slice(0, 2).some(({ start, bytes }) => at >= BigInt(start) && at <= BigInt(start + bytes - WIDEST));
  }

  /** Instructions after which `word`'s operand is in memory: none if it is there already. */
  aim(word: number, operand: MemoryOperand): number[] {
    const aims = this.aimPlain(word, operand);
    return isAuthenticatedLoad(word) ? [...aims, ((keyOf(word) === 0 ? PACDZA : PACDZB) | operand.base) >>> 0] : aims;
  }

  private aimPlain(word: number, operand: MemoryOperand): number[] {
    const aligned = needsAlignment(word);
    const { base, index } = operand;
    const beside = BigInt(operand.offset) + (index === undefined ? 0n : indexValue(index, this.valueOf(index.register)));
    const now = this.known.get(base);
    if (now !== undefined && this.isTarget(now + beside, aligned)) return [];
    const wanted = BigInt.asUintN(64, BigInt(this.target(aligned)) - beside);
    const near = (value: bigint | undefined): number | undefined => {
      const difference = value === undefined ? undefined : BigInt.asIntN(64, wanted - value);
      return difference !== undefined && difference > -0x1000000n && difference < 0x1000000n ? Number(difference) : undefined;
    };
    this.set(base, wanted);
    const difference = near(now);
    if (difference !== undefined) return addConstant(base, base, difference);
    if (base !== SP) return loadConstant(base, wanted);
    const helper = this.random.pick(BASES);
    this.set(helper, wanted);
    return [...loadConstant(helper, wanted), ...addConstant(SP, helper, 0)];
  }

  private valueOf(register: number): bigint {
    return register === 31 ? 0n : (this.known.get(register) as bigint);
  }

  /** `word` has been executed. @returns instructions that follow it */
  after(word: number, operand: MemoryOperand | undefined): number[] {
    if (operand === undefined) {
      // Some instructions without a memory operand have SP as destination 31.
      if ((word & 31) === SP) this.forget(SP);
      return [];
    }
    const change = writeback(word);
    const now = this.known.get(operand.base);
    if (change === 'unknown') this.forget(operand.base);
    else if (now !== undefined && change !== 0) this.set(operand.base, BigInt.asUintN(64, now + BigInt(change)));
    return isAuthenticatedLoad(word) && change === 0 ? [(XPACD | operand.base) >>> 0] : [];
  }
}

/** A random register that is not reserved. */
function freeRegister(random: Random): number {
  for (;;) {
    const register = random.below(31);
    if (!RESERVED.has(register)) return register;
  }
}

/** Generates straight-line blocks of `rows` with up to `maxLength` instructions, on few registers, so that they depend on one another. */
export class BlockGenerator<T> {
  private readonly inner: readonly Row<T>[];
  /** Rows that end a block: branches, and those that are never completed. */
  private readonly enders: readonly Row<T>[];

  constructor(
    private readonly random: Random,
    private readonly decoder: Decoder<T>,
    rows: readonly Row<T>[],
    private readonly maxLength: number,
    private readonly isDefined: (word: number) => boolean,
  ) {
    const ends = (row: Row<T>): boolean => {
      for (let tries = 0; tries < 20; tries++) {
        const word = randomWord(random, decoder, row);
        if (word === undefined || isBranch(word)) return true;
        if (isDefined(word)) return false;
      }
      return true;
    };
    this.enders = rows.filter(ends);
    this.inner = rows.filter((row) => !this.enders.includes(row));
  }

  /** Undefined instructions and faults end a block, so both are rare before its end; tests of single instructions have them. */
  next(): RandomBlock {
    const { random } = this;
    const length = 2 + random.below(this.maxLength - 1);
    const words: number[] = [];
    const addresses = new Addresses(random);
    const pool = Array.from({ length: 3 + random.below(8) }, () => freeRegister(random));
    /** Width of the last load-exclusive. */
    let marked: number | undefined;
    while (words.length < length && this.inner.length > 0) {
      const word = this.definedWord(random.pick(this.inner), pool);
      if (word === undefined) continue;
      const form = exclusiveForm(word);
      if (form !== undefined && !form.load && form.width !== (marked ?? form.width)) continue;
      const operand = memoryOperand(word);
      // QEMU 7.2 tells the pc of its block's start where DC ZVA faults.
      const mayMiss = operand !== undefined && !operand.baseIsZeroRegister && random.oneIn(400);
      const aims = operand === undefined || mayMiss ? [] : addresses.aim(word, operand);
      if (words.length + aims.length + 2 > this.maxLength) break;
      if (form !== undefined) marked = form.width;
      words.push(...aims, word, ...addresses.after(word, operand));
      // The store that belongs to a load-exclusive: no load bit, a register for its success.
      const store = ((word & ~0x005f0000) | (random.pick(pool) << 16)) >>> 0;
      if (form?.load && words.length < length && random.oneIn(2) && this.isDefined(store)) words.push(store);
    }
    const end = this.enders.length > 0 ? this.word(random.pick(this.enders), pool) : undefined;
    // Backwards it might not end.
    if (end !== undefined && words.length < this.maxLength && !(isDirectBranch(end) && backward(end))) words.push(end);
    addresses.initial.set(BRANCH, BigInt(randomCodeAddress(random)));
    return { words, registers: addresses.initial };
  }

  /** As `word`; rarely an undefined instruction. */
  private definedWord(row: Row<T>, pool: readonly number[]): number | undefined {
    for (let tries = 0; tries < 32; tries++) {
      const word = this.word(row, pool);
      if (word !== undefined && (this.isDefined(word) || this.random.oneIn(1000))) return word;
    }
    return undefined;
  }

  /** A word of `row` on registers of `pool`, with memory operands on those that are for them. */
  private word(row: Row<T>, pool: readonly number[]): number | undefined {
    const { random, decoder } = this;
    let word = randomWord(random, decoder, row);
    if (word === undefined) return undefined;
    const set = (shift: number, register: number): void => {
      word = (((word as number) & ~(31 << shift)) | (register << shift)) >>> 0;
    };
    for (const { name, shift, width } of row.fields) {
      if (!isRegister(name, width)) continue;
      const destination = name === 'rd' && random.oneIn(2) ? freeRegister(random) : random.pick(pool);
      set(shift, isIndirectBranch(word) ? BRANCH : random.oneIn(16) ? 31 : destination);
    }
    const operand = memoryOperand(word);
    if (operand !== undefined) {
      const canBeSp = !operand.baseIsZeroRegister && !isAuthenticatedLoad(word);
      set(operand.baseIsZeroRegister ? 0 : 5, canBeSp && random.oneIn(5) ? SP : random.pick(BASES));
      if (operand.index !== undefined) set(16, random.oneIn(4) ? 31 : random.pick(INDEXES));
    }
    return decoder.decode(word)?.row === row ? word : undefined;
  }
}

/**
 * Of a load or store exclusive: which, and its width. A store of another width than the load's may succeed or not as the
 * CPU likes (CONSTRAINED UNPREDICTABLE); QEMU stores and says that it did not.
 */
function exclusiveForm(word: number): { readonly load: boolean; readonly width: number } | undefined {
  if ((word & 0x3f800000) !== 0x08000000) return undefined;
  return { load: (word & 0x00400000) !== 0, width: (word >>> 30) * 2 + ((word >>> 21) & 1) };
}
