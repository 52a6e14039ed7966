import { Random } from './random.ts';

const SYLLABLES = 'ka lo mi tu re sa no vi pe du fa gi ho ze ly qu br st an er'.split(' ');
const DISTINCT_WORDS = 3000;

/** Lines of words, of which some are frequent and most are rare, as in natural text. */
export function makeText(lines: number): string {
  const random = new Random(12345);
  const words = Array.from({ length: DISTINCT_WORDS }, () => Array.from({ length: 1 + random.below(4) }, () => random.pick(SYLLABLES)).join(''));
  const word = (): string => words[Math.min(random.below(DISTINCT_WORDS), random.below(DISTINCT_WORDS), random.below(DISTINCT_WORDS))] as string;
  return Array.from({ length: lines }, () => `${Array.from({ length: 3 + random.below(8) }, word).join(' ')}\n`).join('');
}

/** Bytes for compressors: text, tables of numbers, and what cannot be compressed. */
export function makeMixed(size: number): Buffer {
  const random = new Random(54321);
  const text = Buffer.from(makeText(4000), 'latin1');
  const pieces: Buffer[] = [];
  for (let total = 0; total < size; total += (pieces.at(-1) as Buffer).length) {
    const kind = random.below(8);
    if (kind < 5) {
      const at = random.below(text.length - 4096);
      pieces.push(text.subarray(at, at + 4096));
    } else if (kind < 7) {
      const start = random.below(1 << 24);
      const table = Buffer.alloc(4096);
      for (let i = 0; i < 1024; i++) table.writeUInt32LE(start + i * 12 + random.below(16), i * 4);
      pieces.push(table);
    } else {
      pieces.push(Buffer.from(Array.from({ length: 2048 }, () => random.below(256))));
    }
  }
  return Buffer.concat(pieces).subarray(0, size);
}
