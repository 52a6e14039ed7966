import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hex32 } from '../../base/index.ts';
import { type Block, IrBuilder, verifyBlock } from '../../ir/index.ts';
import { createAArch64 } from './aarch64.ts';
import { Trap } from './traps.ts';

const ASSEMBLER = 'aarch64-linux-gnu-as';
const OBJCOPY = 'aarch64-linux-gnu-objcopy';
const isInstalled = spawnSync(ASSEMBLER, ['--version']).status === 0;
if (!isInstalled) console.warn(`${ASSEMBLER} is not installed (Debian: binutils-aarch64-linux-gnu): samples.s is not tested`);

function assemble(source: string): Uint32Array {
  const folder = mkdtempSync(join(tmpdir(), 'samples-'));
  try {
    const object = join(folder, 'samples.o');
    const binary = join(folder, 'samples.bin');
    execFileSync(ASSEMBLER, ['-o', object, source]);
    execFileSync(OBJCOPY, ['-O', 'binary', '-j', '.text', object, binary]);
    const bytes = readFileSync(binary);
    return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.skipIf(!isInstalled).each([
  ['samples.s', 600],
  ['samplesSimd.s', 500],
  ['samplesSimdCrypto.s', 17],
  ['samplesSimdProducts.s', 32],
  ['samplesFpExtensions.s', 50],
  ['samplesSystem.s', 70],
])('each instruction of %s has a row and is translated', (file, atLeast) => {
  const words = assemble(new URL(file, import.meta.url).pathname);
  const guest = createAArch64();
  const ir = new IrBuilder();
  const problems: string[] = [];
  const pc = 0x10000;
  for (const word of words) {
    ir.buffer.reset();
    const { insns, bytes } = guest.translateBlock(ir, { pc, maxInsns: 1, fetch: () => word });
    const { terminator } = ir;
    if (guest.rowName(word) === undefined || terminator === undefined) {
      problems.push(`0x${hex32(word)} has no row`);
      continue;
    }
    if (terminator.kind === 'trap' && terminator.code === Trap.undefined) problems.push(`0x${hex32(word)} (${guest.rowName(word)}) is taken for undefined`);
    const block: Block = { pc, start: 0, end: ir.buffer.length, insns, bytes, terminator };
    verifyBlock(ir.buffer, block, guest.state);
  }
  expect(words.length).toBeGreaterThan(atLeast);
  expect(problems).toEqual([]);
});

test.skipIf(!isInstalled).each(['samplesSimd.s', 'samplesSimdCrypto.s', 'samplesSimdProducts.s', 'samplesFpExtensions.s'])(
  'rows of AdvSIMD have the names of their mnemonics: %s',
  (file) => {
    const source = new URL(file, import.meta.url).pathname;
    const mnemonics = readFileSync(source, 'utf8').match(/(?<=^\t)[a-z]\w+/gm) ?? [];
    const guest = createAArch64();
    const rowNames = Array.from(assemble(source), (word) => guest.rowName(word) ?? '');
    const mnemonicsOf = (row: string): string[] => (row.split(' (')[0] as string).toLowerCase().split(', ');
    expect(rowNames.length).toBe(mnemonics.length);
    expect(mnemonics.filter((mnemonic, i) => !mnemonicsOf(rowNames[i] as string).includes(mnemonic))).toEqual([]);
  },
);
