import { describe, expect, it } from 'vitest';
import type { HandlerCall } from '../signalFrames.ts';
import { signalFrames } from './signalFrame.ts';

const frames = signalFrames(0x07c8_9f00);

/** Registers that each hold something else. */
class Registers {
  readonly values = new Map<string, bigint>([
    ['sp', 0x7000_0008n],
    ['fpsr', 0x10n],
    ['fpcr', 0x0040_0000n],
    ['dit', 1n << 24n],
    ['ssbs', 0n],
    ['btype', 0n],
  ]);
  readonly nzcv = 0b1010;

  constructor() {
    for (let i = 0; i < 31; i++) this.values.set(`x${i}`, BigInt(0x1000 + i));
    for (let i = 0; i < 32; i++) this.values.set(`v${i}`, (BigInt(i) << 100n) | BigInt(7 * i));
  }

  getByName(name: string): bigint {
    return this.values.get(name) as bigint;
  }
}

const call: HandlerCall = {
  signal: 11,
  info: Uint8Array.of(11, 0, 0, 0, 0, 0, 0, 0, 1),
  pc: 0x40_0100n,
  stackTop: 0x7000_0008n,
  mask: 0x200n,
  alternateStack: { address: 0x8000n, flags: 2, size: 0n },
  faultAddress: 0x1234n,
  handler: 0x40_2000n,
  tracksBranches: false,
  returnAddress: 0x55_0000_0000n,
};

describe('a signal frame', () => {
  const frame = frames.push(new Registers(), call);
  const view = new DataView(frame.bytes.buffer);
  const long = (at: number): bigint => view.getBigUint64(at, true);
  const registers = new Map(frame.registers);

  it('lies aligned below the stack pointer, with its parts where Linux has them', () => {
    expect(frame.address % 16n).toBe(0n);
    expect(frame.address + BigInt(frame.bytes.length)).toBeLessThanOrEqual(call.stackTop);
    expect([...frame.bytes.subarray(0, 9)]).toEqual([...(call.info as Uint8Array)]);
    expect([long(128), long(136), long(144), view.getInt32(152, true), long(160), long(168)]).toEqual([0n, 0n, 0x8000n, 2, 0n, 0x200n]);
    expect([long(304), long(312), long(312 + 8 * 30)]).toEqual([0x1234n, 0x1000n, 0x101en]);
    expect([long(560), long(568), long(576)]).toEqual([0x7000_0008n, 0x40_0100n, 0xa100_0000n]);
    expect([view.getUint32(592, true), view.getUint32(596, true)]).toEqual([0x4650_8001, 0x210]);
    expect([view.getUint32(600, true), view.getUint32(604, true)]).toEqual([0x10, 0x0040_0000]);
    expect([long(608 + 16 * 3), long(616 + 16 * 3)]).toEqual([21n, 3n << 36n]);
    expect(long(592 + 0x210)).toBe(0n);
    expect([long(4688), long(4696)]).toEqual([0x101dn, 0x101en]);
  });

  it('is what the handler is given', () => {
    const { address } = frame;
    expect(frame.pc).toBe(call.handler);
    expect(['x0', 'x1', 'x2', 'x29', 'x30', 'sp'].map((name) => registers.get(name))).toEqual([
      11n,
      address,
      address + 128n,
      address + 4688n,
      call.returnAddress,
      address,
    ]);
    expect(new Map(frames.push(new Registers(), { ...call, info: undefined }).registers).has('x1')).toBe(false);
  });

  it('gives back what it was made of', () => {
    const context = frames.restore(frame.address, frame.bytes.subarray(0, frames.size));
    const restored = new Map(context?.registers);
    const before = new Registers();
    for (const [name, value] of before.values) expect([name, restored.get(name)]).toEqual([name, value]);
    expect(context).toMatchObject({ nzcv: before.nzcv, pc: call.pc, mask: call.mask, alternateStack: call.alternateStack });
  });

  it('gives back what a handler changed', () => {
    const bytes = frame.bytes.slice(0, frames.size);
    const changed = new DataView(bytes.buffer);
    changed.setBigUint64(568, 0x1_2345n, true);
    changed.setBigUint64(576, 0x6000_0000n, true);
    changed.setUint32(604, 0xffff_ffff, true);
    const context = frames.restore(frame.address, bytes);
    expect(context).toMatchObject({ pc: 0x1_2345n, nzcv: 0b0110 });
    // Bits that the CPU does not have stay 0.
    expect(new Map(context?.registers).get('fpcr')).toBe(0x07c8_9f00n);
  });

  it.each([
    ['at an address that is not aligned', 8n, 0, 0],
    ['without vector registers', 0n, 592, 0],
    ['with a record that is too long', 0n, 596, 0x2000],
    ['with a record of another size', 0n, 596, 0x200],
    ['whose records do not end', 0n, 592 + 0x210, 0x1111_1111],
  ])('is none %s', (_what, away, at, value) => {
    const bytes = frame.bytes.slice(0, frames.size);
    if (at !== 0) new DataView(bytes.buffer).setUint32(at, value, true);
    expect(frames.restore(frame.address + away, bytes)).toBeUndefined();
  });
});
