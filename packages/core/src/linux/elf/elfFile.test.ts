import { describe, expect, it } from 'vitest';
import { UserError } from '../../base/index.ts';
import { buildElf } from '../testing/buildElf.ts';
import { ElfFile, SymbolTable } from './index.ts';

const AARCH64 = 183;

function mistakeOf(bytes: Uint8Array): string {
  try {
    new ElfFile(bytes, 'prog').checkLoadable(AARCH64);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return 'none';
}

const patched = (change: (view: DataView) => void): Uint8Array => {
  const bytes = buildElf({});
  change(new DataView(bytes.buffer));
  return bytes;
};

describe('ElfFile', () => {
  it('reads header, segments and sections', () => {
    const elf = new ElfFile(buildElf({ segments: [{ address: 0x400000, data: new Uint8Array(20), memorySize: 5000, flags: 6 }], entry: 0x400010 }), 'prog');
    elf.checkLoadable(AARCH64);
    expect(elf.entry).toBe(0x400010);
    expect(elf.loadSegments).toMatchObject([{ type: 1, flags: 6, address: 0x400000, fileSize: 20, memorySize: 5000 }]);
    expect(elf.interpreter).toBeUndefined();
  });

  it.each([
    ['prog: is empty', new Uint8Array(0)],
    ['prog: is not an ELF file', new Uint8Array(100)],
    ['prog: is not an ELF file, but a script', new Uint8Array([0x23, 0x21, 0x2f, 0x62])],
    ['prog: is truncated: the file ends after 10 bytes, inside the ELF header', buildElf({}).slice(0, 10)],
    ['prog: is truncated: the file ends after 63 bytes, inside the ELF header', buildElf({}).slice(0, 63)],
    ['prog: is truncated: the file ends after 100 bytes, inside the program header table', buildElf({}).slice(0, 100)],
    ['prog: is truncated: the file ends after 4100 bytes, inside segment 0 (it needs 4112 bytes)', buildElf({}).slice(0, 4100)],
    ['prog: is a 32-bit ELF file; everystep runs 64-bit programs', patched((v) => v.setUint8(4, 1))],
    ['prog: is a big-endian ELF file; everystep runs little-endian programs', patched((v) => v.setUint8(5, 2))],
    ['prog: is not a valid ELF file: class 9, data encoding 1', patched((v) => v.setUint8(4, 9))],
    ['prog: is for x86-64, not for AArch64', patched((v) => v.setUint16(18, 62, true))],
    ['prog: is for machine number 4660, not for AArch64', patched((v) => v.setUint16(18, 0x1234, true))],
    ['prog: is a relocatable object file, not a program: link it first', patched((v) => v.setUint16(16, 1, true))],
    ['prog: is a core dump, not a program', patched((v) => v.setUint16(16, 4, true))],
    ['prog: is not a program: ELF type 9', patched((v) => v.setUint16(16, 9, true))],
    ['prog: is not a program: it has no segment to load', patched((v) => v.setUint16(56, 0, true))],
    ['prog: segment 0 at 0xffff000000000000 lies outside the address space', patched((v) => v.setBigUint64(64 + 16, 0xffff000000000000n, true))],
    ['prog: its entry point 0xffff000000000000 lies outside the address space', patched((v) => v.setBigUint64(24, 0xffff000000000000n, true))],
    ['prog: is not a valid ELF file: segment 0 is larger in the file than in memory', patched((v) => v.setBigUint64(64 + 40, 1n, true))],
    ['prog: is not a valid ELF file: address and file offset of segment 0 differ within a page', patched((v) => v.setBigUint64(64 + 16, 0x400001n, true))],
  ])('%s', (message, bytes) => {
    expect(mistakeOf(bytes)).toBe(message);
  });

  it('does without a section header table that the file does not hold', () => {
    const bytes = patched((v) => {
      v.setBigUint64(40, 0x100000n, true);
      v.setUint16(58, 64, true);
      v.setUint16(60, 9, true);
    });
    expect(mistakeOf(bytes)).toBe('none');
    expect(new ElfFile(bytes, 'prog').sections).toEqual([]);
  });
});

describe('SymbolTable', () => {
  const symbols = [
    { name: 'elsewhere', address: 0, size: 0, type: 2, section: 0 },
    { name: 'first', address: 0x400000, size: 8, type: 2 },
    { name: 'object', address: 0x400008, size: 4, type: 1 },
    { name: 'second', address: 0x400010, size: 4, type: 2 },
    { name: 'empty', address: 0x400020, size: 0, type: 2 },
  ];
  const table = new SymbolTable(new ElfFile(buildElf({ symbols }), 'prog'), 0x1000);

  it('finds functions by address, within their size', () => {
    expect(table.nameAt(0x401000)).toBe('first');
    expect(table.nameAt(0x401007)).toBe('first');
    expect(table.nameAt(0x401008)).toBe('');
    expect(table.nameAt(0x401010)).toBe('second');
    expect(table.nameAt(0x401020)).toBe('');
    expect(table.nameAt(0)).toBe('');
    expect(table.functionAt(0x401012)).toEqual({ name: 'second', address: 0x401010, size: 4, type: 2 });
  });

  it('finds functions and objects by name', () => {
    expect(table.find('object')?.address).toBe(0x401008);
    expect(table.find('elsewhere')).toBeUndefined();
    expect(table.all.map((s) => s.name)).toEqual(['first', 'second', 'empty']);
  });

  it('is empty for a stripped file', () => {
    expect(new SymbolTable(new ElfFile(buildElf({}), 'prog'), 0).all).toEqual([]);
  });
});
