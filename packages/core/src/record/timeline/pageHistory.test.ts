import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../base/index.ts';
import { PAGE } from '../../engine/index.ts';
import { createLinearMemory } from '../../engine/linearMemory.ts';
import { KeptPages, writePages } from './keptPages.ts';
import { PageHistory } from './pageHistory.ts';
import { PageLog } from './pageLog.ts';
import { PageReader } from './pageReader.ts';

const WORDS = PAGE / 4;
const SNAPSHOTS = 100;

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

const zeros = new Uint8Array(PAGE);
const bytesOf = (words: Uint32Array | undefined): Uint8Array => (words === undefined ? zeros : new Uint8Array(words.buffer));

function fill(log: PageLog, snapshots = SNAPSHOTS): PageHistory {
  const history = new PageHistory(log);
  for (let snapshot = 0; snapshot < snapshots; snapshot++)
    PAGES.forEach((contents, page) => {
      const isAnother = differs(contents[snapshot], contents[snapshot - 1]);
      const isFirst = history.of(page)?.places.length === 0 || history.of(page) === undefined;
      expect(history.look(page, snapshot, bytesOf(contents[snapshot]), log)).toBe(isAnother && !isFirst);
    });
  return history;
}

function bytesAt(history: PageHistory, page: number, snapshot: number): Uint8Array {
  const versions = history.of(page);
  return versions?.read(versions.at(snapshot))?.slice() ?? zeros;
}

function expectAll(history: PageHistory, step: number): void {
  for (let snapshot = Math.floor((SNAPSHOTS - 1) / step); snapshot >= 0; snapshot--)
    PAGES.forEach(
      (contents, page) => void expect(bytesAt(history, page, snapshot), `page ${page} at ${snapshot * step}`).toEqual(bytesOf(contents[snapshot * step])),
    );
}

it('each page has at each snapshot what it held, in any order, and when snapshots have been left out', () => {
  let log = new PageLog();
  let history = fill(log);
  for (let step = 1; step <= 8; step *= 2) {
    expectAll(history, step);
    const thinner = new PageLog();
    history = history.thinned(thinner);
    expect(thinner.bytes).toBeLessThan(log.bytes);
    log = thinner;
  }
});

it('versions come back from a file, of a whole run, or of parts of it of which each begins with what the one before ends with', () => {
  const kept = new KeptPages(new PageReader(createLinearMemory(0x1000)));
  const add = (reopened: PageHistory, snapshots: number, isPart: boolean): void => {
    const log = new PageLog();
    const out = new ByteWriter();
    const pieces = Array.from(writePages(out, [fill(log, snapshots), new PageHistory(log)], log, isPart), (piece) => piece.slice());
    expect(pieces.length).toBeGreaterThan(0);
    const reader = new ByteReader(out.copy());
    kept.add(reader, [reopened, new PageHistory(kept)], 0, (number) => pieces[number]);
    expect(reader.atEnd).toBe(true);
  };
  const whole = new PageHistory(kept);
  add(whole, SNAPSHOTS, false);
  expectAll(whole, 1);
  expectAll(whole.thinned(new PageLog()), 2);
  const inParts = new PageHistory(kept);
  add(inParts, 1, false);
  add(inParts, SNAPSHOTS, true);
  expectAll(inParts, 1);
});
