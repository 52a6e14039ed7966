import { expect, it } from 'vitest';
import { crc32 } from './crc32.ts';

const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 151) & 255);

it('is the CRC-32 of gzip', () => {
  // The check value of CRC-32/ISO-HDLC.
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf4_3926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

it('goes on from any place', () => {
  const whole = crc32(bytes);
  for (let at = 0; at <= bytes.length; at++) expect(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at)))).toBe(whole);
});
