import { expect, it } from 'vitest';
import { PAGE } from '../../engine/index.ts';
import { basedPage, PageEncoder, PartWriter, partWords, readPage } from './pageParts.ts';

/** Another version of each page but the first of each 40; some are full, some hold little, one has each second word. */
const pages = Array.from({ length: 200 }, (_, i) => {
  const bytes = new Uint8Array(PAGE).map((_, at) => (i % 7 === 0 ? at * 31 + (at >> 8) : i === 50 ? at & 4 : at % 500 === 0 ? i : 0) & 0xff);
  return new Uint32Array(bytes.buffer);
});
const isVersion = (i: number): boolean => i % 40 !== 0;

function write(): Uint8Array[] {
  const writer = new PartWriter();
  const encoder = new PageEncoder();
  const parts: Uint8Array[] = [];
  pages.forEach((page, i) => {
    if (writer.add(encoder.encode(page, isVersion(i) ? pages[i - 1] : undefined), page)) parts.push(writer.finish().slice());
  });
  expect(writer.isEmpty).toBe(false);
  parts.push(writer.finish().slice());
  expect(writer.isEmpty).toBe(true);
  return parts;
}

it('pages come back from parts, versions of one page among them, in any order', () => {
  const read: Uint32Array[] = [];
  const into = new Uint32Array(PAGE / 4);
  const parts = write().map(partWords);
  for (const part of parts) {
    const count = countOf(part);
    const ofPart: Uint32Array[] = [];
    for (let number = count - 1; number >= 0; number--) {
      readPage(part, number, into, noBase);
      ofPart.unshift(into.slice());
    }
    read.push(...ofPart);
    expect(() => readPage(part, count, into, noBase)).toThrow(RangeError);
  }
  expect(parts.length).toBeGreaterThan(3);
  expect(read).toEqual(pages);
});

it('the first of several versions may be told by what differs from one that is elsewhere', () => {
  const writer = new PartWriter();
  const encoder = new PageEncoder();
  const [before, ...versions] = pages.slice(1, 6);
  versions.forEach((page, i) => {
    const told = encoder.encode(page, i === 0 ? before : versions[i - 1]);
    writer.add(i === 0 ? basedPage(told) : told, page);
  });
  const part = partWords(writer.finish().slice());
  for (const number of [2, 0, 3, 1]) {
    const into = new Uint32Array(PAGE / 4).fill(7);
    const asked: number[] = [];
    readPage(part, number, into, (base) => {
      asked.push(base);
      into.set(before);
    });
    expect({ number, asked, into }).toEqual({ number, asked: [0], into: versions[number] });
  }
});

it('a part may stand anywhere in memory', () => {
  const [part] = write();
  // Node's buffers, which are views when they are sliced, may begin anywhere.
  for (const offset of [1, 4]) {
    const buffer = Buffer.alloc(part.length + offset);
    buffer.set(part, offset);
    expect(partWords(buffer.subarray(offset))).toEqual(partWords(part));
  }
});

const noBase = (): never => {
  throw new Error('no page here is based on another');
};

function countOf(part: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < part.length; at += 1 + (part[at] & 0xffff)) count++;
  return count;
}
