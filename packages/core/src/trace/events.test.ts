import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../base/index.ts';
import { EVENT_HEADER, FIRST_EVENT, readEvent, type TraceEvent, writeEvent } from './events.ts';

const EVENTS: readonly TraceEvent[] = [
  { kind: 'cut', completed: 3, wanted: 2 },
  { kind: 'part', wanted: 2, mask: [5, -1] },
  { kind: 'snapshot', step: 2 ** 40 + 5, pc: 0x55_0000_1234, state: Uint8Array.of(1, 2, 3) },
  { kind: 'syscall', number: 64, args: [1n, 0xffff_ffff_ffff_fffen, 3n] },
  { kind: 'syscallResult', result: 0xffff_ffff_ffff_ffdan, pc: 0x40_0104, changes: [{ register: 4, words: [-38, -1] }] },
  { kind: 'kernelWrite', address: 0x55_0080_0000, data: Uint8Array.of(9, 8, 7, 6, 5) },
  { kind: 'signal', signal: 11, code: 1, address: 0xdead_beef_0000_0000n, pc: 0x400, word: 0xf900_0041, text: 'no memory hère' },
  { kind: 'signal', signal: 4, code: 1, address: 0n, pc: 0x400, word: undefined, text: '' },
  { kind: 'exit', status: 7 },
  { kind: 'step', step: 2 ** 33 },
  { kind: 'program', pid: 7, tid: 8, path: '/bin/prögram' },
  { kind: 'mapping', pid: 7, start: 0x55_0000_0000, end: 0x55_0000_1000, offset: 0x1_0000, path: '/lib/libc.so.6', buildId: 'abcdef01' },
  { kind: 'pause', step: 12, pc: 0x40_0000 },
];

describe('events', () => {
  it.each(EVENTS)('come back as they went: $kind', (event) => {
    const out = new ByteWriter();
    writeEvent(out, event);
    const record = out.copy();
    const words = new Uint32Array(record.buffer, 0, 2);
    expect(record.length % 4).toBe(0);
    expect(words[0]).toBeGreaterThanOrEqual(FIRST_EVENT);
    expect(words[1]).toBe(record.length - EVENT_HEADER);
    expect(readEvent(words[0], record.subarray(EVENT_HEADER))).toEqual(event);
  });

  it('refuses damage', () => {
    expect(() => readEvent(FIRST_EVENT + 4, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0))).toThrow('damaged');
    expect(() => readEvent(FIRST_EVENT + 99, new Uint8Array(4))).toThrow('unknown');
  });
});
