import { expect, it } from 'vitest';
import { PAGE } from '../../engine/index.ts';
import { createLinearMemory } from '../../engine/linearMemory.ts';
import { Kept, PageCodec } from './pageCodec.ts';
import { isWhole, toldBytes } from './pageFormat.ts';
import { PageReader } from './pageReader.ts';

const WORDS = PAGE / 4;
const reader = new PageReader(createLinearMemory(0x1000));

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

/** A page as PageCodec.keepListed wants it: words that differ, and some that do not. */
function listed(kept: number, page: Uint32Array, before: Uint32Array): Uint8Array {
  const out = [kept, 0];
  for (let i = 0; i < WORDS; i += 2) if (page[i] !== before[i] || page[i + 1] !== before[i + 1] || i % 30 === 0) out.push(i / 2, page[i], page[i + 1]);
  out[1] = (out.length - 2) / 3;
  return bytesOf(Uint32Array.from(out));
}

it.each(['whole pages', 'words that are listed'])('pages come back from what tells their versions, one after the other and all at once: %s', (how) => {
  const codec = new PageCodec();
  const kept = codec.begin();
  const places: number[] = [];
  let before: Uint32Array = new Uint32Array(WORDS);
  const keep = (page: Uint32Array): number => (how === 'whole pages' ? codec.keep(kept, bytesOf(page)) : codec.keepListed(listed(kept, page, before), 1)[0]);
  for (const page of versions(150)) {
    const place = keep(page);
    if (place === Kept.same) expect(page).toEqual(before);
    else expect(place === Kept.zeros).toBe(page.every((word) => word === 0));
    before = page;
    expect(keep(page)).toBe(Kept.same);
    if (place === Kept.zeros) places.length = 0;
    else if (place !== Kept.same) {
      if (codec.isWhole(place)) places.length = 0;
      expect(codec.isWhole(place)).toBe(places.length === 0);
      places.push(place);
      const told = codec.join([place]).slice();
      expect([isWhole(told, 0), toldBytes(told, 0)]).toEqual([places.length === 1, told.length]);
    }
    if (places.length === 0) continue;
    expect(codec.readTold(places, 0, places.length - 1)).toEqual(bytesOf(page));
    const chain = codec.join(places).slice();
    const read = reader.page((at) => {
      reader.begin(at);
      reader.read(chain, places.length, at);
    });
    expect(read).toEqual(bytesOf(page));
  }
});

it('takes few bytes for words that change as those beside them do', () => {
  const codec = new PageCodec();
  const kept = codec.begin();
  const page = new Uint32Array(WORDS).map((_, i) => (i % 10 === 0 ? 0x0123_4567 + i : 0));
  expect(codec.join([codec.keep(kept, bytesOf(page))]).length).toBeLessThan((3 * WORDS) / 10 + 8);
  expect(codec.usedBytes).toBeLessThan(PAGE + (3 * WORDS) / 10 + 8);
});

it('keeps many pages apart, and many versions', () => {
  const codec = new PageCodec();
  const random = generator(3);
  const pages = Array.from({ length: 1100 }, (_, i) => new Uint32Array(WORDS).fill(i + 1));
  const numbers = pages.map(() => codec.begin());
  const places = pages.map((page, i) => [codec.keep(numbers[i], bytesOf(page))]);
  for (let round = 0; round < 3; round++) {
    const words = pages.map((page, i) => {
      const before = page.slice();
      for (let n = 0; n < 100; n++) page[random(WORDS)] = random(1 << 23);
      return listed(numbers[i], page, before);
    });
    for (let first = 0; first < pages.length; first += 100) {
      const some = words.slice(first, first + 100);
      codec.keepListed(Buffer.concat(some), some.length).forEach((place, i) => {
        if (codec.isWhole(place)) places[first + i].length = 0;
        places[first + i].push(place);
      });
    }
  }
  pages.forEach((page, i) => {
    expect(codec.keep(numbers[i], bytesOf(page))).toBe(Kept.same);
    expect(Buffer.compare(codec.readTold(places[i], 0, places[i].length - 1), bytesOf(page)), `page ${i}`).toBe(0);
  });
});
