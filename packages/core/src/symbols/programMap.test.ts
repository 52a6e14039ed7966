import { describe, expect, it } from 'vitest';
import { SymbolType } from '../linux/elf/index.ts';
import { buildElf } from '../linux/testing/buildElf.ts';
import { ProgramMap } from './programMap.ts';

const FILE = buildElf({
  segments: [{ address: 0x400000, data: new Uint8Array(0x80) }],
  symbols: [
    { name: '$x', address: 0x400000, size: 0, type: SymbolType.none },
    { name: 'f', address: 0x400010, size: 0x20, type: SymbolType.function },
    { name: 'label', address: 0x400040, size: 0, type: SymbolType.none },
  ],
});

function mapOf(): { readonly map: ProgramMap; readonly warnings: string[] } {
  const warnings: string[] = [];
  const map = new ProgramMap({
    readFile: (path) => (path === '/bin/f' ? FILE : undefined),
    decompress: () => undefined,
    demangle: (name) => `<${name}>`,
    warn: (text) => void warnings.push(text),
  });
  map.setProgram(7, '/bin/f');
  return { map, warnings };
}

describe('ProgramMap', () => {
  it('finds functions and labels where a file is mapped', () => {
    const { map } = mapOf();
    map.map(7, { start: 0x55_0000_0000, end: 0x55_0000_1000, offset: 0x1000, path: '/bin/f', buildId: '' });
    const nameAt = (address: number): string | undefined => {
      const place = map.find(7, address);
      return place?.object.functionAt(place.address)?.name;
    };
    expect(map.find(7, 0x55_0000_0014)?.address).toBe(0x400014);
    expect([0x08, 0x10, 0x2c, 0x30, 0x44].map((offset) => nameAt(0x55_0000_0000 + offset))).toEqual([undefined, '<f>', '<f>', undefined, '<label>']);
    expect(map.find(8, 0x55_0000_0014)).toBe(undefined);
    expect(map.find(7, 0x55_0000_1014)).toBe(undefined);
  });

  it('forgets what something else is mapped over, and what an earlier program had', () => {
    const { map } = mapOf();
    map.map(7, { start: 0x10000, end: 0x14000, offset: 0, path: '/bin/f', buildId: '' });
    map.map(7, { start: 0x11000, end: 0x12000, offset: 0, path: '', buildId: '' });
    expect(map.find(7, 0x11010)).toBe(undefined);
    map.map(7, { start: 0x20000, end: 0x22000, offset: 0, path: '/bin/f', buildId: '' });
    map.map(7, { start: 0x20000, end: 0x21000, offset: 0, path: '', buildId: '' });
    expect(map.find(7, 0x21010)?.address).toBe(0x400010);
    map.setProgram(7, '/bin/g');
    expect(map.find(7, 0x21010)).toBe(undefined);
  });

  it('says once that a file is not there, or another than was traced', () => {
    const { map, warnings } = mapOf();
    map.map(7, { start: 0x10000, end: 0x11000, offset: 0x1000, path: '/bin/g', buildId: '' });
    map.map(7, { start: 0x20000, end: 0x21000, offset: 0x1000, path: '/bin/f', buildId: 'abcd' });
    for (let i = 0; i < 3; i++) for (const address of [0x10010, 0x20010]) expect(map.find(7, address)).toBe(undefined);
    expect(warnings).toEqual([expect.stringMatching(/^\/bin\/g: cannot be read/), expect.stringMatching(/^\/bin\/f: has changed/)]);
  });
});
