import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadDisassembler } from './disassembler.ts';

const golden = readFileSync(new URL('capstone4.golden.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'));

describe('disassembler', async () => {
  const disassemble = await loadDisassembler();

  it('words instructions as QEMU 7.2 does', () => {
    expect(golden.length).toBeGreaterThan(200);
    for (const [pc, word, mnemonic, operands] of golden) {
      expect({ word, ...disassemble(Number.parseInt(pc, 16), Number.parseInt(word, 16)) }).toEqual({ word, mnemonic, operands });
    }
  });

  it('prints absolute targets, also where the word was seen elsewhere', () => {
    expect(disassemble(0x4000e0, 0x54ffffc1)).toEqual({ mnemonic: 'b.ne', operands: '#0x4000d8' });
    expect(disassemble(0x55_0000_1234, 0x54ffffc1)).toEqual({ mnemonic: 'b.ne', operands: '#0x550000122c' });
    expect(disassemble(0x1000, 0x54ffffc1).operands).toBe('#0xff8');
    for (const word of [0x14000001, 0x94000001, 0x34000020, 0xb5000020, 0x36000020, 0x58000020, 0x1c000020, 0x10000020, 0x90000000]) {
      expect(disassemble(0x40_0000, word).operands).not.toBe(disassemble(0x80_0000, word).operands);
    }
  });

  it('takes words as signed or unsigned', () => {
    expect(disassemble(0, 0xd503201f | 0)).toEqual({ mnemonic: 'nop', operands: '' });
  });

  it('shows the bytes of what is no instruction', () => {
    expect(disassemble(0, 0xdeadbeef)).toEqual({ mnemonic: '.byte', operands: '0xef, 0xbe, 0xad, 0xde' });
    expect(disassemble(0, 0)).toEqual({ mnemonic: '.byte', operands: '0x00, 0x00, 0x00, 0x00' });
  });
});
