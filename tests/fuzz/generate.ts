import type { Decoder, Row } from '../../packages/core/src/guest/decode/index.ts';
import { indexValue, memoryOperand } from './memoryOperand.ts';
import type { Random } from './random.ts';
import { AT, CODE, MEMORY_WINDOWS, type TestRecord } from './record.ts';
import { generalValue, vectorValue } from './values.ts';

export interface GenerateOptions {
  /** Set random rounding modes, flush-to-zero and default-NaN. */
  readonly randomFpcr: boolean;
  /** The CPU has arithmetic of halves: a random FPCR may flush theirs to zero, too. */
  readonly hasHalves?: boolean;
}

/** Registers that blocks use as addresses and never as destination, so that later instructions still find memory. */
const ADDRESS_REGISTERS = [20, 21, 22, 23];
/** The same for indirect branches, so that none goes back into the block. */
const BRANCH_REGISTER = 24;

/** Rows whose words cannot be tested by running them: the reason is `noFuzz`. */
export const fuzzable = <T>(row: Row<T>): boolean => row.options.noFuzz === undefined;

/**
 * A random word of `row`: free bits random, with a liking for register 31, equal registers and extreme immediates.
 * @returns undefined if none was found that the decoder gives to this row
 */
export function randomWord<T>(random: Random, decoder: Decoder<T>, row: Row<T>): number | undefined {
  for (let attempt = 0; attempt < 1000; attempt++) {
    let word = ((random.u32() & ~row.mask) | row.value) >>> 0;
    const registers: number[] = [];
    for (const { name, shift, width } of row.fields) {
      const all = width === 32 ? 0xffffffff : 2 ** width - 1;
      let value: number | undefined;
      if (isRegister(name, width)) {
        if (random.oneIn(10)) value = 31;
        else if (registers.length > 0 && random.oneIn(8)) value = random.pick(registers);
        registers.push(value ?? (word >>> shift) & all);
      } else if (isBranchOffset(row.name, name)) {
        // Near, so that it ends at a BRK; never on the instruction itself, which would not end.
        if (!random.oneIn(16)) value = (1 + random.below(200)) * (random.oneIn(2) ? 1 : -1);
      } else if (width > 3 && random.oneIn(4)) {
        value = random.pick([0, 1, all, all >>> 1, (all >>> 1) + 1, 1 << random.below(width)]);
      }
      if (value !== undefined) word = ((word & ~(all << shift)) | ((value & all) << shift)) >>> 0;
    }
    if (branchesToItself(word)) continue;
    if (decoder.decode(word)?.row === row) return word;
  }
  return undefined;
}

const isRegister = (name: string, width: number): boolean => width === 5 && /^r[a-z]\d?$/i.test(name);
const isBranchOffset = (row: string, name: string): boolean => /^imm(14|19|26)$/.test(name) && /^(B|BL|CB|TB|LDR|PRFM)/.test(row);

function branchesToItself(word: number): boolean {
  if ((word & 0x7c000000) === 0x14000000) return (word & 0x03ffffff) === 0;
  if ((word & 0x7e000000) === 0x34000000 || (word & 0xfe000000) === 0x54000000) return ((word >>> 5) & 0x7ffff) === 0;
  if ((word & 0x7e000000) === 0x36000000) return ((word >>> 5) & 0x3fff) === 0;
  return false;
}

const isDirectBranch = (word: number): boolean =>
  (word & 0x7c000000) === 0x14000000 || (word & 0x7e000000) === 0x34000000 || (word & 0xfe000000) === 0x54000000 || (word & 0x7e000000) === 0x36000000;

const isIndirectBranch = (word: number): boolean => word >>> 25 === 0x6b;

/** An address inside a window of scratch memory, now and then just beside. */
function randomAddress(random: Random): number {
  const window = random.oneIn(24) ? MEMORY_WINDOWS[2] : MEMORY_WINDOWS[random.below(2)];
  // Room for the widest access, 64 bytes; in the window at the end that is sometimes too little, and faults.
  let address = window.start + random.below(window.bytes - (random.oneIn(8) ? 0 : 64));
  if (!random.oneIn(3)) address -= address % 16;
  return address;
}

/** Fills `test` with random registers and memory, and `words` as its instructions. */
export function fillTest(random: Random, test: TestRecord, words: readonly number[], options: GenerateOptions): void {
  for (let i = 0; i < 31; i++) test.set('x', generalValue(random), i);
  test.set('sp', random.oneIn(4) ? generalValue(random) : BigInt(randomAddress(random) & ~15));
  for (let i = 0; i < 32; i++) {
    const [low, high] = vectorValue(random);
    test.set('v', low, 2 * i);
    test.set('v', high, 2 * i + 1);
  }
  test.set('pstate', BigInt(random.below(16)) << 28n);
  const fz16 = options.hasHalves && random.oneIn(2) ? 1n << 19n : 0n;
  test.set('fpcr', options.randomFpcr && random.oneIn(2) ? (BigInt(random.below(32)) << 22n) | fz16 : 0n);
  test.set('fpsr', random.oneIn(2) ? 0n : BigInt(random.u32() & 0x0800009f));
  test.set('tpidr', generalValue(random));
  for (let i = 0; i < (AT.signal - AT.memory) * 2; i++) test.u32[AT.memory * 2 + i] = random.u32();
  // Now and then a block that lies in two pages.
  const crossing = words.length > 1 && random.oneIn(8);
  test.set('pc', CODE.start + CODE.bytes / 2 + (crossing ? 0x1000 - 4 * (1 + random.below(words.length - 1)) : 0x800 + 4 * random.below(0x100)));
  test.words = words;
  aimAtMemory(random, test, words);
  aimBranches(random, test, words);
}

/** Sets base and index registers so that the first access by each base register reaches scratch memory. */
function aimAtMemory(random: Random, test: TestRecord, words: readonly number[]): void {
  const aimed = new Set<number>();
  for (const word of words) {
    const operand = memoryOperand(word);
    if (operand === undefined || aimed.has(operand.base) || random.oneIn(32)) continue;
    aimed.add(operand.base);
    let base = BigInt(randomAddress(random) - operand.offset);
    if (operand.index !== undefined) {
      const { register } = operand.index;
      if (register === operand.base) continue;
      if (register !== 31 && !aimed.has(register)) test.set('x', generalValue(random) & (random.oneIn(2) ? 0xffn : -1n), register);
      base -= indexValue(operand.index, register === 31 ? 0n : test.get('x', register));
    }
    // The top byte is ignored.
    if (random.oneIn(8)) base ^= BigInt(random.below(256)) << 56n;
    base = BigInt.asUintN(64, base);
    if (operand.base !== 31) test.set('x', base, operand.base);
    else if (!operand.baseIsZeroRegister) test.set('sp', base);
  }
}

/** BR, BLR, RET: their register points at code, most of the time. */
function aimBranches(random: Random, test: TestRecord, words: readonly number[]): void {
  for (const word of words) {
    if (!isIndirectBranch(word)) continue;
    const register = (word >>> 5) & 31;
    // Behind the test's instructions: a way back into them might not end.
    if (register !== 31) test.set('x', BigInt(CODE.start + 4 * random.below(0x1000) + (random.oneIn(32) ? random.below(4) : 0)), register);
  }
}

/**
 * A straight-line block of 2 to `maxLength` instructions of `rows`, on few registers, so that they depend on one another.
 * Undefined instructions would end most blocks early, so most are left out; tests of single instructions have them.
 */
export function randomBlock<T>(
  random: Random,
  decoder: Decoder<T>,
  rows: readonly Row<T>[],
  maxLength: number,
  isDefined: (word: number) => boolean,
): number[] {
  const length = 2 + random.below(maxLength - 1);
  const words: number[] = [];
  const pool = Array.from({ length: 4 }, () => random.below(20));
  /** Width of the last load-exclusive. */
  let marked: number | undefined;
  for (let tries = 0; words.length < length && tries < 20 * length; tries++) {
    const row = random.pick(rows);
    let word = randomWord(random, decoder, row);
    if (word === undefined) continue;
    for (const { name, shift, width } of row.fields) {
      if (!isRegister(name, width)) continue;
      const isBase = name === 'rn' && memoryOperand(word) !== undefined;
      const register: number = isIndirectBranch(word) ? BRANCH_REGISTER : isBase ? random.pick(ADDRESS_REGISTERS) : random.oneIn(16) ? 31 : random.pick(pool);
      word = ((word & ~(31 << shift)) | (register << shift)) >>> 0;
    }
    if (decoder.decode(word)?.row !== row || (!isDefined(word) && !random.oneIn(64))) continue;
    // A branch ends the block; backwards it might not end.
    if ((isDirectBranch(word) || isIndirectBranch(word)) && (words.length < length - 1 || backward(word))) continue;
    const form = exclusiveForm(word);
    if (form !== undefined) {
      if (!form.load && form.width !== (marked ?? form.width)) continue;
      marked = form.width;
    }
    words.push(word);
    // The store that belongs to a load-exclusive: no load bit, a register for its success.
    const store = ((word & ~0x005f0000) | (random.pick(pool) << 16)) >>> 0;
    if (form?.load && words.length < length && random.oneIn(2) && isDefined(store)) words.push(store);
  }
  return words;
}

/**
 * Of a load or store exclusive: which, and its width. A store of another width than the load's may succeed or not as the
 * CPU likes (CONSTRAINED UNPREDICTABLE); QEMU stores and says that it did not.
 */
function exclusiveForm(word: number): { readonly load: boolean; readonly width: number } | undefined {
  if ((word & 0x3f800000) !== 0x08000000) return undefined;
  return { load: (word & 0x00400000) !== 0, width: (word >>> 30) * 2 + ((word >>> 21) & 1) };
}

function backward(word: number): boolean {
  if (isIndirectBranch(word)) return false;
  if ((word & 0x7c000000) === 0x14000000) return (word & 0x02000000) !== 0;
  if ((word & 0x7e000000) === 0x36000000) return (word & 0x00040000) !== 0;
  return (word & 0x00800000) !== 0;
}
