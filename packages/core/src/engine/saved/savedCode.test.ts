import { describe, expect, it } from 'vitest';
import { packCode } from './packCode.ts';
import { SavedCode } from './savedCode.ts';

const translation = { memoryPages: 4, fusesMadd: false, relaxedSwizzle: false, disabled: [] };
const SETTING = { start: 0, end: 0x1000, branchTargets: 'free', translation } as const;

/** Code with two blocks, and a region each 16 bytes whose only word is its number; with damaged sums, which only taking one looks at. */
function codeWith(regions: number): SavedCode {
  const parts = packCode(
    { key: 'code', ...SETTING, area: 0, warm: 0, isFull: false, helpers: [], learnt: undefined, modules: [] },
    [
      [4, Uint32Array.of(1)],
      [32, Uint32Array.of(2)],
    ],
    Array.from({ length: regions }, (_, i) => [16 * i, Uint32Array.of(i)] as const),
    [],
  );
  const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
  return SavedCode.open({ read: (offset, length) => bytes.slice(offset, offset + length) }) as SavedCode;
}

describe('regions around one', () => {
  it('are those of the same run of so many in the order of their places', () => {
    const code = codeWith(10);
    for (const offset of [64, 80, 96, 112]) expect(code.regionsAround(offset, 4)).toEqual([64, 80, 96, 112]);
    expect(code.regionsAround(0, 4)).toEqual([0, 16, 32, 48]);
    expect(code.regionsAround(16, 1)).toEqual([16]);
  });

  it('are fewer at the end', () => {
    expect(codeWith(10).regionsAround(144, 4)).toEqual([128, 144]);
    expect(codeWith(1).regionsAround(0, 32)).toEqual([0]);
  });

  it('are none where no region begins, though a block may', () => {
    const code = codeWith(10);
    for (const offset of [4, 24, 160]) expect(code.regionsAround(offset, 4)).toEqual([]);
    expect(codeWith(0).regionsAround(0, 4)).toEqual([]);
  });

  it('are not those that have been taken', () => {
    const code = codeWith(10);
    code.takeRegion(80);
    expect(code.wasTaken(80)).toBe(true);
    expect(code.regionsAround(64, 4)).toEqual([64, 96, 112]);
    expect(code.regionsAround(80, 4)).toEqual([64, 96, 112]);
  });
});
