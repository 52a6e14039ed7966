import { expect, it } from 'vitest';
import { GuestRandom } from './guestRandom.ts';

// First four words that a guest finds at AT_RANDOM under `qemu-aarch64 -seed N` (version 7.2).
it.each([
  [0n, [0x269567e9, 0x5d09eaf5, 0x320f1685, 0x1fc4a81a]],
  [1n, [0x2265b1f5, 0x91b7584a, 0xd8f16adf, 0xcd613e30]],
  [42n, [0xb4a7cb8a, 0x5eedb2ad, 0x5ff9cf69, 0xb08a5b58]],
  [0x80000000n, [0x444b2d95, 0x8a54e0b5, 0x550e9ef8, 0x8de5a4fd]],
  [0x100000002n, [0xf4bea973, 0xdcf4bb99, 0xf2a4d27b, 0xd95bafc8]],
  [0xffffffffffffffffn, [0x05965e7e, 0x3faff328, 0x568d6a40, 0x9e667b13]],
])('seed %i gives the words that QEMU gives', (seed, words) => {
  const random = new GuestRandom(seed);
  expect([0, 1, 2, 3].map(() => random.word())).toEqual(words);
});

it('fills bytes in little-endian order and goes on behind the state array', () => {
  const bytes = new Uint8Array(6);
  new GuestRandom(1n).fill(bytes);
  expect([...bytes]).toEqual([0xf5, 0xb1, 0x65, 0x22, 0x4a, 0x58]);
  const random = new GuestRandom(1n);
  for (let i = 0; i < 5000; i++) random.word();
  expect(random.word()).toBeGreaterThan(0);
});
