import { describe, expect, it } from 'vitest';
import { type ExpressionContext, parseExpression, parseExpressions, UnreadableMemory } from './expression.ts';

const registers: Readonly<Record<string, bigint>> = { x0: 5n, x1: 0xffff_ffff_ffff_fff0n, w1: 0xffff_fff0n, sp: 0x1000n };

/** Memory from 0x1000 on holds 0x80, 0x81, …; a string is at 0x1040. */
const context: ExpressionContext = {
  register: (name) => (Object.hasOwn(registers, name) ? () => registers[name] : undefined),
  symbol: (name) => (name === 'counter' ? 0x1008n : undefined),
  load(address, bytes) {
    if (address < 0x1000n || address >= 0x1040n) return undefined;
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | (0x80n + address - 0x1000n + BigInt(i));
    return value;
  },
  string: (address, most) => (address === 0x1040n ? 'text'.slice(0, most) : undefined),
};

const value = (text: string): bigint | string => parseExpression(text, context).evaluate();
const signed = (text: string): bigint => BigInt.asIntN(64, value(text) as bigint);

describe('an expression', () => {
  it('has the precedence of C', () => {
    expect(value('1 + 2 * 3')).toBe(7n);
    expect(value('(1 + 2) * 3')).toBe(9n);
    expect(value('1 << 2 + 1')).toBe(8n);
    expect(value('5 & 3 == 3')).toBe(1n);
    expect(value('1 | 2 ^ 3 & 1')).toBe(3n);
    expect(value('0 || 1 && 0')).toBe(0n);
    expect(signed('-2 - -3 * 2')).toBe(4n);
    expect(signed('~0')).toBe(-1n);
    expect(value('!x0 == 0')).toBe(1n);
  });

  it('is exact in 64 bits', () => {
    expect(value('0xffffffffffffffff + 1')).toBe(0n);
    expect(value('0x7fffffffffffffff * 2 + 1')).toBe(0xffff_ffff_ffff_ffffn);
    expect(value('9007199254740993 - 1')).toBe(9007199254740992n);
    expect(signed('-7 / 2')).toBe(-3n);
    expect(signed('-7 % 2')).toBe(-1n);
    expect(value('7 / 0')).toBe(0n);
  });

  it('compares signed, and unsigned where that is said', () => {
    expect(value('x1 < 0')).toBe(1n);
    expect(value('x1 <u 0')).toBe(0n);
    expect(value('x1 >u x0')).toBe(1n);
    expect(value('x1 >= x0')).toBe(0n);
    expect(value('5 <=u x0')).toBe(1n);
    expect(signed('x1 >> 4')).toBe(-1n);
    expect(value('x1 >>> 60')).toBe(15n);
  });

  it('reads registers, memory, strings and symbols', () => {
    expect(value('w1')).toBe(0xffff_fff0n);
    expect(value('u8[sp]')).toBe(0x80n);
    expect(signed('s8[sp + 1]')).toBe(-127n);
    expect(value('u32[counter]')).toBe(0x8b8a_8988n);
    expect(value('u64[sp+u8[sp]-0x80]')).toBe(0x8786_8584_8382_8180n);
    expect(value("str(0x1040) == str(0x1040, 4) && 'A' == 65")).toBe(1n);
    expect(value('str(0x1040, 2)')).toBe('te');
    expect(() => value('u64[0x103c + 100]')).toThrow(UnreadableMemory);
    // What && leaves out is not looked at.
    expect(value('0 && u8[0]')).toBe(0n);
  });

  it('comes in lists', () => {
    expect(parseExpressions('x0, u32[sp] + 1 ,str(0x1040)', context).map(({ source }) => source)).toEqual(['x0', 'u32[sp] + 1', 'str(0x1040)']);
  });

  it.each([
    ['x0 >', /'x0 >': column 5: a value is missing at the end/],
    ['x0 + * 2', /column 6: a value is missing before '\*'/],
    ['x77 == 1', /column 1: there is no register or symbol 'x77'/],
    ['(x0', /column 4: '\)' is missing/],
    ['u64[sp', /column 7: '\]' is missing/],
    ['x0 x1', /column 4: 'x1' does not belong here/],
    ['x0 # 1', /column 4: '#' is nothing that an expression can have/],
    ['0x10000000000000000', /more than 64 bits/],
    ['1, 2', /more than one expression/],
    ['', /a value is missing/],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => value(text)).toThrow(message);
  });

  it('refuses to compute with texts', () => {
    expect(() => value('str(0x1040) + 1')).toThrow(/'\+' wants numbers/);
  });
});
