import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../base/index.ts';
import { createLinearMemory } from '../../engine/index.ts';
import { MarkBytes } from './markBytes.ts';
import { MarkSet, MOST_RUNS } from './marks.ts';

const COUNT = 4096;
const AT = 0x100_0000;

/** The same numbers each time. */
function randomNumbers(seed: number, count: number): Set<number> {
  let state = seed;
  const numbers = new Set<number>();
  while (numbers.size < count) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    // Runs of up to eight.
    for (let i = 0, start = (state >>> 8) % COUNT; i <= state % 8; i++) numbers.add((start + i) % COUNT);
  }
  return numbers;
}

const all = Array.from({ length: COUNT }, (_, i) => i);
const numbersOf = (set: MarkSet): number[] => all.filter((number) => set.has(number));
const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);

describe('marks', () => {
  const memory = createLinearMemory(0x200);
  const marked = new MarkBytes(memory, AT + COUNT);
  const setOf = (numbers: Iterable<number>): MarkSet => {
    for (const number of numbers) memory.bytes[AT + number] = 1;
    return marked.take(AT, [[0, COUNT]]);
  };

  it('are taken from memory, where none is left', () => {
    for (const count of [0, 1, 7, 300, 2000, COUNT]) {
      const numbers = randomNumbers(count + 1, count);
      const set = setOf(numbers);
      expect(numbersOf(set)).toEqual(sorted(numbers));
      expect(set.count).toBe(numbers.size);
      expect(memory.bytes.subarray(AT, AT + COUNT).every((byte) => byte === 0)).toBe(true);
    }
  });

  it('are joined, grouped, written and read', () => {
    const [a, b] = [randomNumbers(3, 200), randomNumbers(5, 900)];
    const both = setOf(a).with(setOf(b));
    const expected = sorted(new Set([...a, ...b]));
    expect(numbersOf(both)).toEqual(expected);
    const out = new ByteWriter();
    both.write(out);
    const read = MarkSet.read(new ByteReader(out.copy()));
    expect(numbersOf(read)).toEqual(expected);
    expect([...read.groups(64, COUNT)]).toEqual(Array.from({ length: 64 }, (_, group) => Number(expected.some((number) => Math.floor(number / 64) === group))));
  });

  it('tell of more where they are too many runs, but of none less', () => {
    const bounds = Uint32Array.from({ length: 3 * MOST_RUNS }, (_, i) => 5 * i + (i % 2));
    const set = new MarkSet(bounds);
    expect(set.size).toBeLessThanOrEqual(4 * MOST_RUNS);
    for (let i = 0; i < bounds.length; i += 2) if (!set.has(bounds[i])) throw new Error(`${bounds[i]} is missing`);
    expect(set.has(bounds.at(-1) ?? 0)).toBe(false);
  });

  it('tell of more, and of none less, where they are taken from memory and are too many, the first time and the next', () => {
    const count = 10 * MOST_RUNS;
    const large = new MarkBytes(memory, AT + count);
    const numbers = Array.from({ length: 2 * MOST_RUNS }, (_, i) => 5 * i + (i % 2));
    for (let time = 0; time < 3; time++) {
      for (const number of numbers) memory.bytes[AT + number] = 1;
      const set = large.take(AT, [[0, count]]);
      expect(set.size).toBeLessThanOrEqual(8 * MOST_RUNS);
      for (const number of numbers) if (!set.has(number)) throw new Error(`${number} is missing`);
      expect(set.has(count - 1)).toBe(false);
    }
  });
});
