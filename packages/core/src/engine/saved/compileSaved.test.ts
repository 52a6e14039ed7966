import { describe, expect, it } from 'vitest';
import { SLOT_BYTES, SLOTS } from '../linearMemory.ts';
import { createToyGuest } from '../toyGuest.ts';
import { compileSaved } from './compileSaved.ts';
import { packCode } from './packCode.ts';
import { SavedCode, type SavedHead } from './savedCode.ts';
import { packRegion } from './savedRegion.ts';

const translation = { memoryPages: 4, fusesMadd: false, relaxedSwizzle: false, disabled: [] };
/** There is a function at 32: its region is to be whole. */
const LEARNT = { targets: { sites: [] }, loops: { functions: [32], entries: [], origins: [] }, heated: [], hot: [], unexpected: [] };
const HEAD: SavedHead = {
  key: 'code',
  start: 0,
  end: 0x1_0000,
  branchTargets: 'free',
  translation,
  area: 0,
  warm: 0,
  isFull: false,
  helpers: [],
  learnt: LEARNT,
  modules: [],
};
const CONSTANT = Uint8Array.from({ length: 16 }, (_, i) => i + 1);

/** A region whose function does nothing, but has room for the offset of a memory check slot and a constant. */
const regionAt = (offset: number): readonly [number, Uint32Array] => {
  const nothing = Uint8Array.of(0x00, 0x41, 0x80, 0x80, 0x80, 0x01, 0x1a, 0x41, 0x80, 0x80, 0x08, 0x1a, 0x42, 0x00, 0x0b);
  const shifted = [
    [2, SLOTS + 7 * SLOT_BYTES],
    [8, 0x2_0000],
  ] as const;
  const lowered = { code: nothing, unlikely: [], links: [offset], shifted, placed: [], helpers: [], frame: 16 };
  return [offset, packRegion({ entries: [], blocks: [{ pc: offset, insns: 1, bytes: 4 }], lowered }, () => CONSTANT)];
};

const opened = (parts: readonly Uint8Array[]): SavedCode => {
  const bytes = Uint8Array.from(Buffer.concat(parts));
  return SavedCode.open({ read: (offset, length) => bytes.slice(offset, offset + length) }) as SavedCode;
};
const codeOf = (offsets: readonly number[], head: SavedHead = HEAD, modules: readonly Uint32Array[] = []): SavedCode =>
  opened(packCode(head, [[4, Uint32Array.of(1)]], offsets.map(regionAt), modules));

/** What V8 makes of a module is said to be its length. */
const compile = (wasm: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.of(wasm.length & 255, wasm.length >> 8);
const compiledFrom = (code: SavedCode, most = Number.POSITIVE_INFINITY): SavedCode | undefined => {
  let modules = 0;
  const compiled = compileSaved(code, createToyGuest(), { compile, mayGoOn: () => modules++ < most, slotsOfOthers: [] });
  return compiled && opened(compiled.parts);
};
const offsetsUpTo = (count: number): number[] => Array.from({ length: count }, (_, i) => 16 * i);
const modulesOf = (code: SavedCode | undefined): (readonly number[])[] => (code?.head.modules ?? []).map(({ regions }) => regions);
const slotsOf = (code: SavedCode | undefined): number[] =>
  (code?.head.modules ?? []).flatMap(({ slots }) =>
    slots.flatMap(({ first, end }) => Array.from({ length: (end - first) / SLOT_BYTES }, (_, i) => first + i * SLOT_BYTES)),
  );

describe('what is kept', () => {
  it('is in modules of regions near each other, each with memory check slots of its own, the same each time', () => {
    const all = offsetsUpTo(150);
    const compiled = compiledFrom(codeOf(all));
    expect(modulesOf(compiled)).toEqual([all.slice(0, 64), all.slice(64, 128), all.slice(128)]);
    expect(new Set(slotsOf(compiled)).size).toBe(150);
    expect(slotsOf(compiledFrom(codeOf(all)))).toEqual(slotsOf(compiled));
    expect([compiled?.blockCount, compiled?.regionOffsets, compiled?.head.learnt]).toEqual([1, all, { ...LEARNT, hot: [32] }]);
  });

  it('comes with its module when the first of its regions is taken', () => {
    const compiled = compiledFrom(codeOf(offsetsUpTo(3))) as SavedCode;
    expect(compiled.takeModule(16)).toBeUndefined();
    compiled.allowModule(0);
    const { regions, constants, wasm, native, isOfUse } = compiled.takeModule(16) ?? expect.unreachable('there is no module');
    expect(regions.map(({ offset, links }) => [offset, links])).toEqual(offsetsUpTo(3).map((offset) => [offset, [offset]]));
    expect(constants).toEqual([[expect.any(Number), '0102030405060708090a0b0c0d0e0f10']]);
    expect(native).toEqual(compile(wasm));
    compiled.tookRegion(32);
    expect([16, 32].map(isOfUse)).toEqual([true, false]);
    expect(compiled.takeModule(0)).toBeUndefined();
  });

  it('stays compiled when more is', () => {
    const before = compiledFrom(codeOf(offsetsUpTo(64))) as SavedCode;
    const more = offsetsUpTo(100);
    const after = compiledFrom(codeOf(more, before.head, [before.packedModule(0) as Uint32Array]));
    expect(modulesOf(after)).toEqual([more.slice(0, 64), more.slice(64)]);
    expect(after?.packedModule(0)).toEqual(before.packedModule(0));
    expect(slotsOf(after).slice(0, 64)).toEqual(slotsOf(before));
    expect(new Set(slotsOf(after)).size).toBe(100);
  });

  it('is compiled once more where its module is small', () => {
    const before = compiledFrom(codeOf(offsetsUpTo(4))) as SavedCode;
    const all = offsetsUpTo(9);
    expect(modulesOf(compiledFrom(codeOf(all, before.head, [before.packedModule(0) as Uint32Array])))).toEqual([all]);
  });

  it('is left as it is where little would be compiled', () => {
    expect(compiledFrom(codeOf(offsetsUpTo(1)))).toBeUndefined();
    const before = compiledFrom(codeOf(offsetsUpTo(64))) as SavedCode;
    expect(compiledFrom(codeOf(offsetsUpTo(67), before.head, [before.packedModule(0) as Uint32Array]))).toBeUndefined();
  });

  it('is compiled as far as there is time', () => {
    const all = offsetsUpTo(150);
    const some = compiledFrom(codeOf(all), 2);
    expect(modulesOf(some)).toEqual([all.slice(0, 64), all.slice(64, 128)]);
    expect(some?.regionOffsets).toEqual(all);
    expect(compiledFrom(codeOf(all), 0)).toBeUndefined();
  });

  it('has other memory check slots once theirs were taken', () => {
    const of = (area: number): number[] => slotsOf(compiledFrom(codeOf(offsetsUpTo(3), { ...HEAD, area })));
    expect(of(1).some((slot) => of(0).includes(slot))).toBe(false);
  });
});
