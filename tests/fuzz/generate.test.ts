import { expect, test } from 'vitest';
import { rows } from '../../packages/core/src/guest/aarch64/rows.ts';
import { Decoder } from '../../packages/core/src/guest/decode/index.ts';
import { compare } from './compare.ts';
import { fillTest, fuzzable, randomWord } from './generate.ts';
import { indexValue, memoryOperand } from './memoryOperand.ts';
import { Random } from './random.ts';
import { AT, CODE, FIELDS, MEMORY_WINDOWS, RECORD_BYTES, SCRATCH, TestRecord } from './record.ts';

const decoder = Decoder.of(rows);

test('every row that is not left out has words', () => {
  const random = new Random(1);
  for (const row of rows.filter(fuzzable)) {
    for (let i = 0; i < 5; i++) {
      const word = randomWord(random, decoder, row);
      expect(word, row.name).toBeDefined();
      expect(decoder.decode(word as number)?.row, row.name).toBe(row);
    }
  }
});

test.each([
  [0xf9400be3, 'ldr x3, [sp, #16]', { base: 31, offset: 16 }],
  [0xf85f8c41, 'ldr x1, [x2, #-8]!', { base: 2, offset: -8 }],
  [0xf84f8441, 'ldr x1, [x2], #248', { base: 2, offset: 0 }],
  [0x3dc00441, 'ldr q1, [x2, #16]', { base: 2, offset: 16 }],
  [0xad7f0440, 'ldp q0, q1, [x2, #-32]', { base: 2, offset: -32 }],
  [0xb8a3d841, 'ldrsw x1, [x2, w3, sxtw #2]', { base: 2, offset: 0, index: { register: 3, extend: 6, shift: 2 } }],
  [0xc85ffc41, 'ldaxr x1, [x2]', { base: 2, offset: 0 }],
  [0x4cdf7041, 'ld1 {v1.16b}, [x2], #16', { base: 2, offset: 0 }],
  [0xd50b7425, 'dc zva, x5', { base: 5, offset: 0, baseIsZeroRegister: true }],
  [0x58000041, 'ldr x1, literal', undefined],
  [0x8b020020, 'add x0, x1, x2', undefined],
])('%i is %s', (word, _text, operand) => {
  expect(memoryOperand(word)).toEqual(operand);
});

test('index registers are extended and shifted', () => {
  expect(indexValue({ register: 0, extend: 2, shift: 3 }, 0xffff_ffff_8000_0000n)).toBe(0x4_0000_0000n);
  expect(indexValue({ register: 0, extend: 6, shift: 0 }, 0x8000_0000n)).toBe(-0x8000_0000n);
});

test('loads find memory', () => {
  const random = new Random(2);
  const record = new TestRecord(new ArrayBuffer(RECORD_BYTES), 0);
  let inside = 0;
  for (let i = 0; i < 1000; i++) {
    fillTest(random, record, { pc: CODE.start, words: [0xf9400c41] }, { randomFpcr: false });
    const address = (record.get('x', 2) & 0xff_ffff_ffff_ffffn) + 24n;
    if (address >= BigInt(SCRATCH.start) && address < BigInt(SCRATCH.start + SCRATCH.bytes)) inside++;
  }
  expect(inside).toBeGreaterThan(850);
});

test('a difference in any register or byte of memory is found', () => {
  const buffer = new ArrayBuffer(3 * RECORD_BYTES);
  const [given, expected, actual] = [0, 1, 2].map((i) => new TestRecord(buffer, i)) as [TestRecord, TestRecord, TestRecord];
  fillTest(new Random(3), given, { pc: CODE.start, words: [0x8b020020] }, { randomFpcr: false });
  given.set('signal', 5);
  for (const outcome of [expected, actual]) outcome.bytes.set(given.bytes);
  expect(compare(given, expected, actual)).toEqual([]);
  for (const { name, words } of FIELDS.filter((field) => !['code', 'address', 'insns', 'insn'].includes(field.name))) {
    for (let i = 0; i < words; i++) {
      const at = (AT[name] + i) * 8 + (name === 'pstate' ? 3 : 0);
      actual.bytes[at] = (actual.bytes[at] as number) ^ 0x10;
      expect(compare(given, expected, actual), `${name} ${i}`).toHaveLength(1);
      actual.bytes[at] = (actual.bytes[at] as number) ^ 0x10;
    }
  }
  expect(MEMORY_WINDOWS.reduce((n, window) => n + window.bytes, 0)).toBe((AT.signal - AT.memory) * 8);
});
