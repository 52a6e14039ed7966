import { lazy } from './lazy.ts';

/** The 256 sums of one byte. */
const table = lazy(() =>
  Int32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) !== 0 ? (sum >>> 1) ^ 0xedb8_8320 : sum >>> 1;
    return sum;
  }),
);

/** CRC-32 as in Ethernet, gzip and PNG (reversed polynomial 0xedb88320). @param before the sum of the bytes before, to go on */
export function crc32(data: Uint8Array, before = 0): number {
  const sums = table();
  let sum = ~before;
  for (let i = 0; i < data.length; i++) sum = (sum >>> 8) ^ sums[(sum ^ data[i]) & 255];
  return ~sum >>> 0;
}
