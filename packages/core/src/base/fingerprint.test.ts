import { expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';

it('tells words from others', () => {
  const words = new Uint32Array(1024).fill(7);
  const before = fingerprint(words);
  words[1023]++;
  expect(fingerprint(words)).not.toBe(before);
});
