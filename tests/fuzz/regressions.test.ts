import { expect, test } from 'vitest';
import { fillTest } from './generate.ts';
import { createMachineOfKind } from './machines.ts';
import { Random } from './random.ts';
import { CODE, RECORD_BYTES, TestRecord } from './record.ts';
import { LAST_PC, Subject } from './subject.ts';

/** Blocks in which the fuzzer once found a mismatch, and the registers that mattered. */
test.each([
  {
    // The check of a stack frame wider than a page let every address through: an arena's size less the frame's was negative.
    name: 'a stack frame of 4112 bytes',
    // STP Q14, Q14, [SP], #384; SUB SP, SP, #1, LSL #12; SUB SP, SP, #368; LD2 {V14.2S, V15.2S}, [SP], X0
    words: [0xac8c3bee, 0xd14007ff, 0xd105c3ff, 0x0cc08bee],
    registers: new Map([[31, 0x5000_1fb0n]]),
    end: { signal: 5n, pc: BigInt(CODE.start + 16) },
  },
  {
    // What an empty jump cache holds was found there; besides, regions return this address for events.
    name: 'a jump to the last address',
    // BR X1
    words: [0xd61f0020],
    registers: new Map([[1, 0xffff_ffff_ffff_ffffn]]),
    end: { signal: 11n, pc: BigInt(LAST_PC) },
  },
])('$name', ({ words, registers, end }) => {
  const subject = new Subject(createMachineOfKind('wasm', 'cortex-a57', new Set()));
  const buffer = new ArrayBuffer(2 * RECORD_BYTES);
  const outcome = new TestRecord(buffer, 1);
  fillTest(new Random(1), new TestRecord(buffer, 0), { pc: CODE.start, words, registers }, { randomFpcr: false });
  expect(subject.run(new TestRecord(buffer, 0), outcome)).toBeUndefined();
  expect({ signal: outcome.get('signal'), pc: outcome.get('pc') }).toEqual(end);
});
