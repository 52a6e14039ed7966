import { expect, it } from 'vitest';
import { PAGE } from '../../engine/index.ts';
import { isWhole, PageCodec, toldBytes } from './pageCodec.ts';

const WORDS = PAGE / 4;

function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % below;
  };
}

/** Versions of a page that differ in single words, in runs, at its ends, nowhere or everywhere, by numbers of any size. */
function versions(count: number): Uint32Array[] {
  const random = generator(7);
  const word = (): number => (random(1 << 16) * 0x1_0000 + random(1 << 16)) >>> (8 * random(4));
  const page = new Uint32Array(WORDS);
  return Array.from({ length: count }, (_, i) => {
    const kind = random(8);
    if (kind === 0) page.fill(0);
    else if (kind === 1) page.set(page.map(word));
    else if (kind === 2) page.fill(word(), random(WORDS), random(WORDS));
    else if (kind === 3) [page[0], page[WORDS - 1]] = [word(), word()];
    else if (kind < 7)
      for (let runs = 1 + random(40), at = random(WORDS); runs > 0; runs--, at = random(WORDS)) for (let n = random(9); n > 0; n--) page[at++ % WORDS] = word();
    else page[random(WORDS)] += 1 - (i & 2);
    return page.slice();
  });
}

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

it('pages come back from what differs, one after the other and all at once, and from what tells all of them', () => {
  const codec = new PageCodec();
  const kept = codec.keep();
  const chain: Uint8Array[] = [];
  for (const page of versions(120)) {
    codec.give(bytesOf(page));
    expect(codec.isZero).toBe(page.every((word) => word === 0));
    if (!codec.isZero) {
      const whole = codec.whole().slice();
      expect([isWhole(whole, 0), toldBytes(whole, 0)]).toEqual([true, whole.length]);
      codec.begin();
      expect(codec.read(whole, 1)).toEqual(bytesOf(page));
    }
    const changes = codec.changes(kept)?.slice();
    if (changes !== undefined) {
      expect([isWhole(changes, 0), toldBytes(changes, 0)]).toEqual([false, changes.length]);
      chain.push(changes);
    }
    expect(codec.changes(kept)).toBeUndefined();
    codec.begin();
    let read = new Uint8Array(PAGE);
    for (let at = 0; at < chain.length; at += 8) read = codec.read(Buffer.concat(chain.slice(at, at + 8)), Math.min(8, chain.length - at)).slice();
    expect(read).toEqual(bytesOf(page));
  }
});

it('takes few bytes for words that change as those beside them do', () => {
  const codec = new PageCodec();
  const kept = codec.keep();
  const page = new Uint32Array(WORDS).map((_, i) => (i % 10 === 0 ? 0x0123_4567 + i : 0));
  codec.give(bytesOf(page));
  expect(codec.changes(kept)?.length).toBeLessThan((3 * WORDS) / 10 + 8);
  expect(codec.keptBytes).toBe(PAGE);
});

it('keeps many pages apart', () => {
  const codec = new PageCodec();
  const pages = Array.from({ length: 2100 }, (_, i) => new Uint32Array(WORDS).fill(i + 1));
  const numbers = pages.map((page) => {
    const kept = codec.keep();
    codec.give(bytesOf(page));
    expect(codec.changes(kept)).toBeDefined();
    return kept;
  });
  pages.forEach((page, i) => {
    codec.give(bytesOf(page));
    expect(codec.changes(numbers[i])).toBeUndefined();
  });
});
