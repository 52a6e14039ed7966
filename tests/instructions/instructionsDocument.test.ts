import { expect, test } from 'vitest';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import { executedForms, frequentMnemonics, mnemonicOf } from './executedForms.ts';
import { describeRows, instructionsDocument } from './instructionsDocument.ts';
import { WorkMeter } from './work.ts';

const described = describeRows();

test('the documentation shows the rows', async () => {
  await expect(instructionsDocument(described)).toMatchFileSnapshot('../../docs/generated/instructions.md');
});

test('fewer than 5 % of the rows call a helper', () => {
  const helpers = described.filter(({ work }) => work.state === 'helper');
  expect(helpers.length / described.length).toBeLessThan(0.05);
});

test('none of the mnemonics that make 99 % of execution calls a helper', () => {
  const forms = executedForms();
  const frequent = frequentMnemonics(forms, 99);
  const meter = new WorkMeter();
  const guest = createAArch64('max');
  const calling = forms.filter(({ form, word }) => frequent.has(mnemonicOf(form)) && meter.ofWord(word)?.helper !== false);
  expect(calling.map(({ form }) => form)).toEqual([]);
  // Nor do other words of the rows that they are of.
  const states = new Map(described.map(({ row, work }) => [row.name, work.state]));
  const rowNames = new Set(forms.filter(({ form }) => frequent.has(mnemonicOf(form))).map(({ word }) => guest.rowName(word) as string));
  expect([...rowNames].filter((name) => states.get(name) === 'helper')).toEqual([]);
});

test('at most 20 rows are not fuzzed, each for a reason', () => {
  const left = described.filter(({ row }) => row.options.noFuzz !== undefined);
  expect(left.length).toBeLessThanOrEqual(20);
  for (const { row } of left) expect(row.options.noFuzz, row.name).not.toBe('');
});
