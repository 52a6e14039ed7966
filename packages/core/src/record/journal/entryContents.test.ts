import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../base/index.ts';
import { EntryContents, MOST_DIFFER } from './entryContents.ts';
import { KNOWN_ROOM, KnownEntry, LONGEST } from './entryModel.ts';

const contents = new EntryContents(undefined);
/** Behind what is written, and behind what is known, there are other bytes. */
const writer = contents.writer();
const at = 3 * KNOWN_ROOM;
const known = new KnownEntry(contents.known.subarray(at, at + KNOWN_ROOM), at);

const changed = (bytes: Uint8Array, ...changes: readonly (readonly [place: number, byte: number])[]): Uint8Array => {
  const other = bytes.slice();
  for (const [place, byte] of changes) other[place] = byte;
  return other;
};

/** What tells `now` by `before`; undefined: most of it differs. */
function patched(before: Uint8Array, now: Uint8Array, content = writer): Uint8Array | undefined {
  known.bytes.fill(0xee);
  known.bytes.set(before);
  known.length = before.length;
  content.reset();
  content.bytes(new Uint8Array(100).fill(0x11));
  content.reset();
  content.bytes(now);
  const length = contents.patch(content, known);
  if (length === MOST_DIFFER) return undefined;
  const out = new ByteWriter(1);
  contents.tell(out, length);
  expect(known.bytes.subarray(0, now.length)).toEqual(now);
  return out.copy();
}

/** As entryCode.ts says. */
function applied(patch: Uint8Array, before: Uint8Array): Uint8Array {
  const reader = new ByteReader(patch);
  const bytes = before.slice();
  for (let place = reader.u32(); place < bytes.length; place += reader.u32()) {
    const part = reader.bytes(reader.u32() + 1);
    bytes.set(part, place);
    place += part.length;
  }
  expect(reader.atEnd).toBe(true);
  return bytes;
}

it('finds a byte that differs, wherever it is and whichever of its bits it is', () => {
  for (let length = 1; length < 27; length++) {
    const before = Uint8Array.from({ length }, (_, i) => 5 * i);
    for (let place = 0; place < length; place++) {
      for (const change of [1, 0x80, 0xff]) {
        const now = changed(before, [place, before[place] ^ change]);
        expect(patched(before, now)).toEqual(Uint8Array.of(place, 0, now[place], length - place - 1));
      }
    }
  }
});

it('tells nothing of what is the same', () => {
  for (let length = 0; length < 27; length++) expect(patched(new Uint8Array(length), new Uint8Array(length))).toEqual(new Uint8Array(0));
});

it('tells of bytes near each other at once, and of none that differ everywhere', () => {
  const before = new Uint8Array(40);
  expect(patched(before, changed(before, [3, 1], [6, 2]))).toEqual(Uint8Array.of(3, 3, 1, 0, 0, 2, 33));
  expect(patched(before, changed(before, [3, 1], [7, 2]))).toEqual(Uint8Array.of(3, 0, 1, 3, 0, 2, 32));
  expect(patched(before, new Uint8Array(40).fill(9))).toBeUndefined();
});

it('tells contents of any length so that they are got back, wherever they were made', () => {
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const elsewhere = new ByteWriter(1);
  for (let i = 0; i < 500; i++) {
    const length = i < 100 ? i + 1 : random(LONGEST) + 1;
    const before = Uint8Array.from({ length }, () => random(256));
    const now = before.slice();
    for (let changes = random(6); changes >= 0; changes--) {
      const start = random(length);
      now.fill(random(256), start, start + random(12));
    }
    const patch = patched(before, now, i % 3 === 0 ? elsewhere : writer);
    if (patch === undefined) expect(length).toBeLessThan(200);
    else if (patch.length > 0) expect(applied(patch, before)).toEqual(now);
    else expect(now).toEqual(before);
  }
});
