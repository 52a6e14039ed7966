import { expect, it } from 'vitest';
import { PAGE } from '../../engine/index.ts';
import { PageHistory } from './pageHistory.ts';

const WORDS = PAGE / 4;
const SNAPSHOTS = 200;

/** What a page holds at each snapshot: changed little, much, or not at all, and zeros now and then. */
function contentsOf(seed: number): (Uint32Array | undefined)[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % below;
  };
  const page = new Uint32Array(WORDS);
  return Array.from({ length: SNAPSHOTS }, () => {
    const kind = random(10);
    if (kind === 0) page.fill(0);
    else if (kind === 1) page.set(page.map(() => random(1 << 20)));
    else if (kind < 8) page[random(WORDS)] = 1 + random(1 << 20);
    return page.some((word) => word !== 0) ? page.slice() : undefined;
  });
}

const PAGES = [contentsOf(1), contentsOf(2), contentsOf(3)];
const differs = (a: Uint32Array | undefined, b: Uint32Array | undefined): boolean => String(a) !== String(b);

function fill(history: PageHistory): void {
  for (let snapshot = 0; snapshot < SNAPSHOTS; snapshot++)
    PAGES.forEach((contents, page) => {
      if (differs(contents[snapshot], contents[snapshot - 1])) history.add(page, snapshot, BigInt(snapshot), contents[snapshot]);
    });
}

function wordsAt(history: PageHistory, page: number, snapshot: number): Uint32Array | undefined {
  const version = history.at(page, snapshot);
  const bytes = version && history.bytesOf(page, version);
  return bytes && new Uint32Array(bytes.slice().buffer);
}

it('each page has at each snapshot what it held, in any order, and when snapshots have been left out', () => {
  const history = new PageHistory();
  fill(history);
  for (let step = 1; step <= 8; step *= 2) {
    for (let snapshot = Math.floor((SNAPSHOTS - 1) / step); snapshot >= 0; snapshot--)
      PAGES.forEach((contents, page) => void expect(wordsAt(history, page, snapshot), `page ${page} at ${snapshot * step}`).toEqual(contents[snapshot * step]));
    const { bytes } = history;
    history.thin();
    expect(history.bytes).toBeLessThan(bytes);
  }
});

it('its versions follow each other, and those that are kept elsewhere are told whole', () => {
  const history = new PageHistory();
  fill(history);
  const kept: Uint32Array[] = [];
  const reopened = new PageHistory((place) => kept[place]);
  for (const page of history.numbers)
    for (const { version, told, words } of history.versions(page)) {
      expect(told && words).toEqual(PAGES[page][version.snapshot]);
      if (told === undefined) reopened.add(page, version.snapshot, version.sum, undefined);
      else reopened.addKept(page, version.snapshot, version.sum, kept.push(words.slice()) - 1);
    }
  for (const page of reopened.numbers)
    for (const { version, told, words } of reopened.versions(page)) expect(told && words).toEqual(PAGES[page][version.snapshot]);
  reopened.thin();
  for (let snapshot = 0; snapshot < SNAPSHOTS / 2; snapshot++) expect(wordsAt(reopened, 1, snapshot)).toEqual(PAGES[1][2 * snapshot]);
});
