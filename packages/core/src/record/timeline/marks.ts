import type { ByteReader, ByteWriter } from '../../base/index.ts';

/** Marks that are set: their numbers in ascending order, or, where that is shorter, a bit each. */
export type MarkSet = { readonly kind: 'numbers'; readonly numbers: Uint32Array } | { readonly kind: 'bits'; readonly bits: Uint32Array };

/** @param numbers in ascending order @param count so many marks there are */
export function markSet(numbers: readonly number[], count: number): MarkSet {
  if (numbers.length * 32 < count) return { kind: 'numbers', numbers: Uint32Array.from(numbers) };
  const bits = new Uint32Array(count / 32);
  for (const number of numbers) bits[number >>> 5] |= 1 << (number & 31);
  return { kind: 'bits', bits };
}

export function hasMark(set: MarkSet, number: number): boolean {
  if (set.kind === 'bits') return ((set.bits[number >>> 5] >>> (number & 31)) & 1) === 1;
  const { numbers } = set;
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] < number) low = middle + 1;
    else high = middle;
  }
  return numbers[low] === number;
}

const numbersOf = (set: MarkSet, count: number): number[] =>
  set.kind === 'numbers' ? [...set.numbers] : Array.from({ length: count }, (_, i) => i).filter((i) => hasMark(set, i));

/** What is in one of two sets of `count` marks. */
export const joinMarks = (a: MarkSet, b: MarkSet, count: number): MarkSet =>
  markSet(
    [...new Set([...numbersOf(a, count), ...numbersOf(b, count)])].sort((x, y) => x - y),
    count,
  );

export const bytesOfMarks = (set: MarkSet): number => (set.kind === 'bits' ? set.bits : set.numbers).byteLength;

/** For a file: byte 1 for bits  u32 length  words, or distances of the numbers. */
export function writeMarks(out: ByteWriter, set: MarkSet): void {
  out.byte(Number(set.kind === 'bits'));
  if (set.kind === 'bits') {
    out.u32(set.bits.length);
    for (const word of set.bits) out.fixed32(word);
    return;
  }
  out.u32(set.numbers.length);
  let last = 0;
  for (const number of set.numbers) {
    out.u32(number - last);
    last = number;
  }
}

/** What `writeMarks` wrote. */
export function readMarks(reader: ByteReader): MarkSet {
  const isBits = reader.byte() === 1;
  const length = reader.u32();
  if (isBits) return { kind: 'bits', bits: Uint32Array.from({ length }, () => reader.fixed32()) };
  let last = 0;
  return { kind: 'numbers', numbers: Uint32Array.from({ length }, () => (last += reader.u32())) };
}
