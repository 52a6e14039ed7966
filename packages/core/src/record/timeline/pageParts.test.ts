import { expect, it } from 'vitest';
import { PAGE } from '../../engine/index.ts';
import { PAGES_A_PART, PartWriter, pagesOfPart } from './pageParts.ts';

it('pages come back from parts, versions of one page among them, wherever the part stands in memory', () => {
  const pages = Array.from({ length: PAGES_A_PART }, (_, i) => new Uint8Array(PAGE).map((_, at) => (at % 50 === 0 ? i : at) & 0xff));
  const writer = new PartWriter();
  pages.forEach((page, i) => {
    expect(writer.add(page, i % 5 !== 0)).toBe(i === PAGES_A_PART - 1);
  });
  const part = writer.finish();
  expect(writer.isEmpty).toBe(true);
  // Node's buffers, which are views when they are sliced, may begin anywhere.
  for (const offset of [0, 1, 4]) {
    const buffer = Buffer.alloc(part.length + offset);
    buffer.set(part, offset);
    const read = pagesOfPart(buffer.subarray(offset));
    pages.forEach((page, i) => {
      expect(Uint8Array.from(read.subarray(i * PAGE, (i + 1) * PAGE))).toEqual(page);
    });
  }
});
