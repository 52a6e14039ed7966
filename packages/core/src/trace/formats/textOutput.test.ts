import { describe, expect, it } from 'vitest';
import { utf8Text } from '../../base/index.ts';
import { TextOutput } from './textOutput.ts';

function written(write: (out: TextOutput) => void, capacity?: number): string {
  let text = '';
  const out = new TextOutput((bytes) => (text += utf8Text(bytes)), capacity);
  write(out);
  out.flush();
  return text;
}

describe('TextOutput', () => {
  it('writes hexadecimal numbers', () => {
    for (const n of [0, 1, 0xf, 0x10, 0xab, 0xabc, 0x1234_5678, 0x8000_0000, 0xffff_ffff]) {
      expect(written((out) => out.hexTrimmed(n | 0))).toBe(n.toString(16));
      expect(written((out) => out.hex32(n | 0))).toBe(n.toString(16).padStart(8, '0'));
      for (let digits = 1; digits <= 8; digits++)
        expect(written((out) => out.hexDigits(n | 0, digits))).toBe(
          n
            .toString(16)
            .padStart(8, '0')
            .slice(8 - digits),
        );
    }
    expect(written((out) => out.hexValue(Int32Array.of(9, -1, 0x20, 0, 0), 1, 4))).toBe('20ffffffff');
    expect(written((out) => out.hexValue(Int32Array.of(0, 0), 0, 2))).toBe('0');
  });

  it('writes decimal numbers up to 2^53', () => {
    for (const n of [0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 21_474_836_480, Number.MAX_SAFE_INTEGER]) {
      expect(written((out) => out.decimal(n))).toBe(String(n));
      expect(written((out) => out.decimal(n, 12))).toBe(String(n).padStart(12));
    }
  });

  it('hands on more than it holds', () => {
    const text = 'a long text with 😀 that is longer than the buffer';
    expect(written((out) => out.text(text), 64)).toBe(text);
  });
});
