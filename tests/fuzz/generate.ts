import type { Decoder, Row } from '../../packages/core/src/guest/decode/index.ts';
import { indexValue, memoryOperand } from './memoryOperand.ts';
import type { Random } from './random.ts';
import { AT, CODE, LATER_PSTATE, MEMORY_WINDOWS, type TestRecord } from './record.ts';
import { generalValue, vectorValue } from './values.ts';

export interface GenerateOptions {
  /** Set random rounding modes, flush-to-zero and default-NaN. */
  readonly randomFpcr: boolean;
  /** The CPU has what came after Armv8.0: FPCR may flush halves to zero, PSTATE has SSBS and DIT. */
  readonly later?: boolean;
}

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

export const isRegister = (name: string, width: number): boolean => width === 5 && /^r[a-z]\d?$/i.test(name);
const isBranchOffset = (row: string, name: string): boolean => /^imm(14|19|26)$/.test(name) && /^(B|BL|CB|TB|LDR|PRFM)/.test(row);

/** An endless loop. */
export function branchesToItself(word: number): boolean {
  if ((word & 0x7c000000) === 0x14000000) return (word & 0x03ffffff) === 0;
  if ((word & 0x7e000000) === 0x34000000 || (word & 0xfe000000) === 0x54000000) return ((word >>> 5) & 0x7ffff) === 0;
  if ((word & 0x7e000000) === 0x36000000) return ((word >>> 5) & 0x3fff) === 0;
  return false;
}

export const isDirectBranch = (word: number): boolean =>
  (word & 0x7c000000) === 0x14000000 || (word & 0x7e000000) === 0x34000000 || (word & 0xfe000000) === 0x54000000 || (word & 0x7e000000) === 0x36000000;

export const isIndirectBranch = (word: number): boolean => word >>> 25 === 0x6b;

/** An address inside a window of scratch memory, now and then just beside. */
function randomAddress(random: Random): number {
  const window = random.oneIn(24) ? MEMORY_WINDOWS[2] : MEMORY_WINDOWS[random.below(2)];
  // Room for the widest access, 64 bytes; in the window at the end that is sometimes too little, and faults.
  let address = window.start + random.below(window.bytes - (random.oneIn(8) ? 0 : 64));
  if (!random.oneIn(3)) address -= address % 16;
  return address;
}

/** Where the code of a test with `length` instructions starts: now and then so that it lies in two pages. */
export function randomPc(random: Random, length: number): number {
  const crossing = length > 1 && random.oneIn(8);
  return CODE.start + CODE.bytes / 2 + (crossing ? 0x1000 - 4 * (1 + random.below(length - 1)) : 0x800 + 4 * random.below(0x100));
}

/** Where indirect branches of a test lead: behind its instructions most likely, as a way back into them might not end. */
export const randomCodeAddress = (random: Random): number => CODE.start + 4 * random.below(0x1000) + (random.oneIn(32) ? random.below(4) : 0);

/** Code of a test, for one or several states. */
export interface TestCode {
  readonly pc: number;
  readonly words: readonly number[];
  /** Registers (31: SP) that the code needs to find memory; without, each is aimed at the first access that it makes. */
  readonly registers?: ReadonlyMap<number, bigint>;
}

/** Fills `test` with `code` and random registers and memory. */
export function fillTest(random: Random, test: TestRecord, { pc, words, registers }: TestCode, options: GenerateOptions): void {
  for (let i = 0; i < 31; i++) test.set('x', generalValue(random), i);
  test.set('sp', random.oneIn(4) ? generalValue(random) : BigInt(randomAddress(random) & ~15));
  for (let i = 0; i < 32; i++) {
    const [low, high] = vectorValue(random);
    test.set('v', low, 2 * i);
    test.set('v', high, 2 * i + 1);
  }
  const later = options.later ? BigInt(random.u32()) & LATER_PSTATE : 0n;
  test.set('pstate', (BigInt(random.below(16)) << 28n) | later);
  const fz16 = options.later && random.oneIn(2) ? 1n << 19n : 0n;
  test.set('fpcr', options.randomFpcr && random.oneIn(2) ? (BigInt(random.below(32)) << 22n) | fz16 : 0n);
  test.set('fpsr', random.oneIn(2) ? 0n : BigInt(random.u32() & 0x0800009f));
  test.set('tpidr', generalValue(random));
  fillMemory(random, test);
  test.set('pc', pc);
  test.words = words;
  if (registers === undefined) {
    aimAtMemory(random, test, words);
    aimBranches(random, test, words);
  } else {
    for (const [register, value] of registers) test.set(register === 31 ? 'sp' : 'x', value, register === 31 ? 0 : register);
  }
}

/** Half of memory is bits, half are values as in vector registers. */
function fillMemory(random: Random, test: TestRecord): void {
  for (let at = AT.memory; at < AT.signal; at += 2) {
    if (random.oneIn(2)) [test.u64[at], test.u64[at + 1]] = vectorValue(random);
    else for (let i = 0; i < 4; i++) test.u32[at * 2 + i] = random.u32();
  }
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
    if (register !== 31) test.set('x', randomCodeAddress(random), register);
  }
}

/** Of a direct branch: whether it goes back. */
export function backward(word: number): boolean {
  if (isIndirectBranch(word)) return false;
  if ((word & 0x7c000000) === 0x14000000) return (word & 0x02000000) !== 0;
  if ((word & 0x7e000000) === 0x36000000) return (word & 0x00040000) !== 0;
  return (word & 0x00800000) !== 0;
}
