import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../base/index.ts';
import { KeptCode } from './keptCode.ts';

const some = Uint8Array.from({ length: 150_000 }, (_, i) => i * 7 + (i >> 9));

function kept(build: string): { readonly code: KeptCode; readonly parts: Uint8Array[] } {
  const made = new KeptCode('one');
  made.save('first', [some.subarray(0, 100), some.subarray(100)]);
  made.save('second', [some.subarray(5, 9)]);
  const out = new ByteWriter();
  made.write(out);
  const parts = [...made.parts()].map((part) => part.slice());
  const code = new KeptCode(build);
  expect(code.read(new ByteReader(out.view()), (number) => parts[number])).toBe(parts.length);
  return { code, parts };
}

it('pieces come back from parts, any bytes of them', () => {
  const { code, parts } = kept('one');
  expect(parts.length).toBe(6);
  for (const [offset, length] of [
    [0, 150_000],
    [32_000, 70_000],
    [32_768, 1],
    [149_999, 500],
  ]) {
    expect(Buffer.from(some.subarray(offset, offset + length)).equals(code.open('first')?.read(offset, length) ?? some)).toBe(true);
  }
  expect(code.open('second')?.read(0, 4)).toEqual(some.subarray(5, 9));
  expect(code.open('third')).toBeUndefined();
  // What has been read can be written again.
  expect(Buffer.concat([...code.parts()]).equals(Buffer.concat(parts))).toBe(true);
});

it('what another build has made is not there', () => {
  expect(kept('other').code.open('first')).toBeUndefined();
});

it('of a part that is damaged there is nothing', () => {
  const { code, parts } = kept('one');
  parts.splice(1);
  expect(code.open('first')?.read(0, 10)).toEqual(some.subarray(0, 10));
  expect(code.open('first')?.read(32_760, 10)).toBeUndefined();
  parts[1] = new Uint8Array(0);
  expect(code.open('first')?.read(32_760, 10)).toBeUndefined();
});
