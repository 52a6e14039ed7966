import { expect, test } from 'vitest';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import { rows } from '../../packages/core/src/guest/aarch64/rows.ts';
import { Decoder } from '../../packages/core/src/guest/decode/index.ts';
import { BlockGenerator } from './blocks.ts';
import { fillTest, fuzzable } from './generate.ts';
import { createMachineOfKind } from './machines.ts';
import { memoryOperand, needsAlignment, writeback } from './memoryOperand.ts';
import { Random } from './random.ts';
import { CODE, RECORD_BYTES, TestRecord } from './record.ts';
import { Subject } from './subject.ts';

const decoder = Decoder.of(rows);
const SIGTRAP = 5n;

test.each([
  [0xf9400be3, 'ldr x3, [sp, #16]', 0],
  [0xf85f8c41, 'ldr x1, [x2, #-8]!', -8],
  [0xf84f8441, 'ldr x1, [x2], #248', 248],
  [0xf8408041, 'ldur x1, [x2, #8]', 0],
  [0xa8c17be1, 'ldp x1, x30, [sp], #16', 16],
  [0xadff0440, 'ldp q0, q1, [x2, #-32]!', -32],
  [0xa94009e1, 'ldp x1, x2, [x15]', 0],
  [0x4c407041, 'ld1 {v1.16b}, [x2]', 0],
  [0x4cdf7041, 'ld1 {v1.16b}, [x2], #16', 'unknown'],
  [0xf8637841, 'ldr x1, [x2, x3, lsl #3]', 0],
  [0xf8201c41, 'ldraa x1, [x2, #8]!', 8],
  [0xf8201441, 'ldraa x1, [x2, #8]', 0],
])('%i is %s', (word, _text, change) => {
  expect(writeback(word)).toBe(change);
});

test.each([
  [0xc85ffc41, 'ldaxr x1, [x2]', true],
  [0xc8dffc41, 'ldar x1, [x2]', true],
  [0xf8230041, 'ldadd x3, x1, [x2]', true],
  [0xf9400be3, 'ldr x3, [sp, #16]', false],
  [0xf8637841, 'ldr x1, [x2, x3, lsl #3]', false],
  [0x4cdf7041, 'ld1 {v1.16b}, [x2], #16', false],
])('%i is %s: aligned or not', (word, _text, aligned) => {
  expect(needsAlignment(word)).toBe(aligned);
});

test('blocks of loads and stores find memory and run to their end', () => {
  const random = new Random(4);
  const accesses = rows.filter((row) => fuzzable(row) && memoryOperand(row.value) !== undefined && row.options.feature === undefined);
  expect(accesses.length).toBeGreaterThan(60);
  const subject = new Subject(createMachineOfKind('evaluator', 'cortex-a57', new Set()));
  const guest = createAArch64('cortex-a57');
  const generator = new BlockGenerator(random, decoder, accesses, 40, (word) => guest.rowName(word) !== undefined);
  let ended = 0;
  for (let i = 0; i < 200; i++) {
    const block = generator.next();
    const buffer = new ArrayBuffer(2 * RECORD_BYTES);
    const outcome = new TestRecord(buffer, 1);
    fillTest(random, new TestRecord(buffer, 0), { pc: CODE.start, ...block }, { randomFpcr: false });
    expect(subject.run(new TestRecord(buffer, 0), outcome)).toBeUndefined();
    if (outcome.get('signal') === SIGTRAP && outcome.get('pc') === BigInt(CODE.start + 4 * block.words.length)) ended++;
  }
  expect(ended).toBeGreaterThan(100);
});
