import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillTest } from './generate.ts';
import { buildRunner, runQemu } from './qemu.ts';
import { Random } from './random.ts';
import { CODE, RECORD_BYTES, SCRATCH, TestRecord } from './record.ts';

let folder = '';
let runner = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-'));
  runner = buildRunner(join(import.meta.dirname, 'runner.c'), folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The outcome of one test on QEMU, after `prepare` has set what matters. */
async function outcomeOf(words: number[], prepare: (test: TestRecord) => void): Promise<{ test: TestRecord; outcome: TestRecord }> {
  const tests = new ArrayBuffer(RECORD_BYTES);
  const record = new TestRecord(tests, 0);
  fillTest(new Random(1), record, { pc: CODE.start, words }, { randomFpcr: false });
  prepare(record);
  const { outcomes, died } = await runQemu({ runner, cpu: 'cortex-a57' }, tests, 1);
  expect(died.size).toBe(0);
  return { test: record, outcome: new TestRecord(outcomes, 0) };
}

test('an instruction changes its destination and nothing else', async () => {
  const { test: before, outcome } = await outcomeOf([0x8b020020], (t) => {
    t.set('x', 40n, 1);
    t.set('x', 2n, 2);
  });
  expect(outcome.get('x', 0)).toBe(42n);
  before.set('x', 42n, 0);
  before.set('signal', 5n);
  before.set('code', 1n);
  before.set('pc', before.get('pc') + 4n);
  before.set('address', before.get('pc'));
  // PSTATE's mode bits are zero at EL0.
  expect(Array.from(outcome.u32)).toEqual(Array.from(before.u32));
});

test('flags, system registers and vectors go in and come out', async () => {
  // MRS X0, NZCV; MRS X1, TPIDR_EL0; MOV V0.16B, V1.16B; MSR FPCR, X2
  const { test: before, outcome } = await outcomeOf([0xd53b4200, 0xd53bd041, 0x4ea11c20, 0xd51b4402], (t) => {
    t.set('pstate', 0xa000_0000n);
    t.set('x', 0x0040_0000n, 2);
  });
  expect(outcome.get('x', 0)).toBe(0xa000_0000n);
  expect(outcome.get('x', 1)).toBe(before.get('tpidr'));
  expect([outcome.get('v', 0), outcome.get('v', 1)]).toEqual([before.get('v', 2), before.get('v', 3)]);
  expect(outcome.get('fpcr')).toBe(0x0040_0000n);
});

test('faults are outcomes', async () => {
  const undefinedWord = await outcomeOf([0x0000_0000], () => undefined);
  expect(undefinedWord.outcome.get('signal')).toBe(4n);
  expect(undefinedWord.outcome.get('pc')).toBe(undefinedWord.test.get('pc'));
  // LDR X0, [X1]
  const unmapped = await outcomeOf([0xf9400020], (t) => t.set('x', SCRATCH.start + SCRATCH.bytes + 8, 1));
  expect(unmapped.outcome.get('signal')).toBe(11n);
  expect(unmapped.outcome.get('address')).toBe(BigInt(SCRATCH.start + SCRATCH.bytes + 8));
  // BR X1
  const jump = await outcomeOf([0xd61f0020], (t) => t.set('x', CODE.start + 64, 1));
  expect(jump.outcome.get('signal')).toBe(5n);
  expect(jump.outcome.get('pc')).toBe(BigInt(CODE.start + 64));
});
