import { describe, expect, it } from 'vitest';
import { ByteReader, utf8Text } from './byteReader.ts';
import { ByteWriter, utf8Bytes } from './byteWriter.ts';

describe('ByteReader', () => {
  it('reads what ByteWriter wrote', () => {
    const unsigned = [0, 1, 127, 128, 300, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
    const signed = [0, -1, 63, 64, -64, -65, 0x7fff_ffff, -0x8000_0000];
    const writer = new ByteWriter(1);
    for (const n of unsigned) writer.u32(n);
    for (const n of signed) writer.s32(n);
    writer.fixed32(0xfedc_ba98);
    writer.utf8('naïve 😀 €');
    const reader = new ByteReader(writer.view());
    expect(unsigned.map(() => reader.u32())).toEqual(unsigned);
    expect(signed.map(() => reader.s32())).toEqual(signed);
    expect(reader.fixed32()).toBe(0xfedc_ba98);
    expect(reader.utf8()).toBe('naïve 😀 €');
    expect(reader.atEnd).toBe(true);
    expect(() => reader.byte()).toThrow('beyond the end');
  });

  it('replaces what is no UTF-8', () => {
    expect(utf8Text(Uint8Array.of(0x61, 0xff, 0x62, 0xc3))).toBe('a\ufffdb\ufffd');
    expect(utf8Text(Uint8Array.from(utf8Bytes('ok')))).toBe('ok');
  });
});
