import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import { CPU_MODEL_NAMES } from '../../packages/core/src/guest/aarch64/cpuModels.ts';
import { rows } from '../../packages/core/src/guest/aarch64/rows.ts';
import { Decoder } from '../../packages/core/src/guest/decode/index.ts';
import { fillTest, randomWord } from './generate.ts';
import { buildRunner, runQemu } from './qemu.ts';
import { Random } from './random.ts';
import { CODE, RECORD_BYTES, TestRecord } from './record.ts';

let folder = '';
let runner = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'missing-'));
  runner = buildRunner(join(import.meta.dirname, 'runner.c'), folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const SIGILL = 4n;
const WORDS_PER_ROW = 3;

test.each(CPU_MODEL_NAMES.filter((name) => name !== 'max'))('what %s lacks is undefined there on QEMU, too', async (model) => {
  const guest = createAArch64(model);
  const decoder = Decoder.of(rows);
  const random = new Random(1);
  // A hint of an extension is a hint without it.
  const missing = rows.flatMap((row) =>
    Array.from({ length: WORDS_PER_ROW }, () => randomWord(random, decoder, row)).flatMap((word) =>
      word === undefined || guest.rowName(word) !== undefined ? [] : [{ name: row.name, word }],
    ),
  );
  expect(missing.length).toBeGreaterThan(100);
  const tests = new ArrayBuffer(missing.length * RECORD_BYTES);
  missing.forEach(({ word }, i) => {
    fillTest(random, new TestRecord(tests, i), { pc: CODE.start + 0x800, words: [word] }, { randomFpcr: false });
  });
  const { outcomes, died } = await runQemu({ runner, cpu: model }, tests, missing.length);
  expect(died.size).toBe(0);
  const defined = missing.filter((_, i) => new TestRecord(outcomes, i).get('signal') !== SIGILL);
  expect(defined.map(({ name, word }) => `${name}: ${word.toString(16)}`)).toEqual([]);
});
