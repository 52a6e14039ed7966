import { expect, it } from 'vitest';
import { packModule, type SavedModule, unpackModule } from './savedModule.ts';

const module: SavedModule = {
  regions: [{ offset: 16, entries: [24], blocks: [16, 3, 12], links: [16, 20], helpers: ['fsqrt'] }],
  constants: [[0x2_0010, 'ab'.repeat(16)]],
  wasm: Uint8Array.of(1, 2, 3, 4, 5),
  native: Uint8Array.of(9, 8, 7),
};

it('comes back as it was', () => {
  expect(unpackModule(packModule(module))).toEqual(module);
});

it('does not come back damaged', () => {
  const words = packModule(module);
  for (let at = 0; at < words.length; at++) {
    const damaged = words.slice();
    damaged[at] = (damaged[at] as number) ^ 0x100;
    expect([at, unpackModule(damaged)]).toEqual([at, undefined]);
  }
  for (const length of [0, 4, 7, 8, words.length - 4]) expect(unpackModule(words.subarray(0, length))).toBeUndefined();
});
