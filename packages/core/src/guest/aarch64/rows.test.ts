import { expect, test } from 'vitest';
import { Decoder, mayHold, type Row } from '../decode/index.ts';
import { FEATURES_WITHOUT_ROWS, IMPLEMENTED_FEATURES } from './cpuModels.ts';
import { rowGroups } from './rowGroups.ts';
import { rows } from './rows.ts';
import type { A64Translator } from './translate/translator.ts';

type A64Row = Row<A64Translator>;

/** Numbers that look random and are the same at every run. */
function* words(seed: number): Generator<number> {
  let state = seed >>> 0;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield (state ^ (state >>> 15) ^ (state << 7)) >>> 0;
  }
}

const matches = (row: A64Row, word: number): boolean => ((word ^ row.value) & row.mask) === 0 && (row.where?.(row.extract(word)) ?? true);

test('names are unique', () => {
  const names = rows.map((row) => row.name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test('every row is reachable', () => {
  const decoder = Decoder.of(rows);
  const unreachable = rows.filter((row) => {
    const random = words(row.value);
    for (let tries = 0; tries < 2000; tries++) {
      const word = ((random.next().value as number) & ~row.mask) | row.value;
      if (decoder.decode(word >>> 0)?.row === row) return false;
    }
    return true;
  });
  expect(unreachable.map((row) => row.name)).toEqual([]);
});

test('of rows that overlap one is a special case of the other', () => {
  const problems: string[] = [];
  for (const [i, a] of rows.entries()) {
    for (const b of rows.slice(i + 1)) {
      const common = a.mask & b.mask;
      if (((a.value ^ b.value) & common) !== 0) continue;
      if (a.mask !== b.mask && (common === a.mask || common === b.mask)) continue;
      // Conditions may keep them apart: look for a word of both
      const random = words(i);
      let shared: number | undefined;
      for (let tries = 0; tries < 3000 && shared === undefined; tries++) {
        const word = (((random.next().value as number) & ~(a.mask | b.mask)) | a.value | b.value) >>> 0;
        if (matches(a, word) && matches(b, word)) shared = word;
      }
      if (shared !== undefined) problems.push(`${a.name} [${a.pattern}] and ${b.name} [${b.pattern}]: 0x${shared.toString(16)}`);
    }
  }
  expect(problems).toEqual([]);
});

test('words of a row get in by a gate of its group', () => {
  const missed = rowGroups.flatMap((group) =>
    group.rows().filter((row) => {
      const random = words(row.value);
      for (let tries = 0; tries < 2000; tries++) {
        const word = (((random.next().value as number) & ~row.mask) | row.value) >>> 0;
        if (matches(row, word) && !mayHold(group, word)) return true;
      }
      return false;
    }),
  );
  expect(missed.map((row) => `${row.name} [${row.pattern}]`)).toEqual([]);
});

test('every extension that is announced has rows', () => {
  const withRows = new Set(rows.flatMap(({ options }) => options.feature ?? []));
  expect([...withRows, ...FEATURES_WITHOUT_ROWS].sort()).toEqual([...IMPLEMENTED_FEATURES].sort());
});
