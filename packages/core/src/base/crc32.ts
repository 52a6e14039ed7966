import { lazy } from './lazy.ts';

/** Bytes that are taken at a time. */
const STRIDE = 8;

/** By how many bytes come behind it in a stride, and by a byte: its sum. 256 words each, one behind the other. */
const tables = lazy(() => {
  const sums = new Int32Array(256 * STRIDE);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) !== 0 ? (sum >>> 1) ^ 0xedb8_8320 : sum >>> 1;
    sums[byte] = sum;
  }
  for (let i = 256; i < sums.length; i++) sums[i] = (sums[i - 256] >>> 8) ^ sums[sums[i - 256] & 255];
  return sums;
});

/** CRC-32 as in Ethernet, gzip and PNG (reversed polynomial 0xedb88320). @param before the sum of the bytes before, to go on */
export function crc32(data: Uint8Array, before = 0): number {
  const sums = tables();
  let sum = ~before;
  let i = 0;
  for (const end = data.length - STRIDE; i <= end; i += STRIDE) {
    const first = sum ^ (data[i] | (data[i + 1] << 8) | (data[i + 2] << 16) | (data[i + 3] << 24));
    sum =
      sums[1792 + (first & 255)] ^
      sums[1536 + ((first >>> 8) & 255)] ^
      sums[1280 + ((first >>> 16) & 255)] ^
      sums[1024 + (first >>> 24)] ^
      sums[768 + data[i + 4]] ^
      sums[512 + data[i + 5]] ^
      sums[256 + data[i + 6]] ^
      sums[data[i + 7]];
  }
  for (; i < data.length; i++) sum = (sum >>> 8) ^ sums[(sum ^ data[i]) & 255];
  return ~sum >>> 0;
}
