import { expect, it } from 'vitest';
import type { InstalledModule, TranslatedRegion } from '../codeCache.ts';
import { packModule, unpackModule } from './savedModule.ts';

const START = 0x40_0000;
const region = (pc: number): TranslatedRegion =>
  ({ pc, entries: [pc + 8], blocks: [{ pc, insns: 3, bytes: 12 }], links: [pc, pc + 4] }) as unknown as TranslatedRegion;
const kept = [region(START + 16), region(START + 64)];
const module = {
  places: [kept[0], undefined, kept[1]],
  linkCounts: [2, 5, 2],
  compiled: { wasm: Uint8Array.of(1, 2, 3, 4, 5), constants: [0x2_0010], helpers: ['fsqrt'] },
} as unknown as InstalledModule;
const pack = (): Uint32Array =>
  packModule(
    module,
    { code: Uint8Array.of(9, 8, 7), optimised: 2 },
    START,
    (one) => one === kept[0],
    () => new Uint8Array(16).fill(0xab),
  );

it('comes back as it was', () => {
  expect(unpackModule(pack())).toEqual({
    regions: [{ offset: 16, entries: [START + 24], blocks: [START + 16, 3, 12], links: [START + 16, START + 20] }, 5, 2],
    helpers: ['fsqrt'],
    constants: [[0x2_0010, 'ab'.repeat(16)]],
    optimised: 2,
    wasm: Uint8Array.of(1, 2, 3, 4, 5),
    native: Uint8Array.of(9, 8, 7),
  });
});

it('does not come back damaged', () => {
  const words = pack();
  for (let at = 0; at < words.length; at++) {
    const damaged = words.slice();
    damaged[at] = (damaged[at] as number) ^ 0x100;
    expect([at, unpackModule(damaged)]).toEqual([at, undefined]);
  }
  for (const length of [0, 4, 7, 8, words.length - 4]) expect(unpackModule(words.subarray(0, length))).toBeUndefined();
});
