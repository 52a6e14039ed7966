import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import { Trap } from '../../packages/core/src/guest/aarch64/traps.ts';
import { IrBuilder } from '../../packages/core/src/ir/index.ts';

const SIGILL = 4;

/** Every combination of bits 30..28 and 24..10 of Data Processing -- Scalar FP and Advanced SIMD (bit 31 = 0), and of bits 30 and 24..10 of AdvSIMD structure loads and stores. */
function* encodings(): Generator<number> {
  for (let high = 0; high < 8; high++) for (let low = 0; low < 0x8000; low++) yield (high << 28) | (7 << 25) | (low << 10);
  for (let q = 0; q < 2; q++) for (let low = 0; low < 0x8000; low++) yield (q << 30) | (6 << 25) | (low << 10);
}

/** Whether QEMU takes each word for undefined. */
function undefinedInQemu(words: Uint32Array, cpu: string): boolean[] {
  const folder = mkdtempSync(join(tmpdir(), 'allocation-'));
  try {
    const program = join(folder, 'allocation');
    execFileSync('aarch64-linux-gnu-gcc', ['-O1', '-static', '-Wall', '-Werror', join(import.meta.dirname, 'allocation.c'), '-o', program]);
    const { stdout, status } = spawnSync('qemu-aarch64', ['-cpu', cpu, program], { input: new Uint8Array(words.buffer), maxBuffer: 2 * words.length });
    expect(status).toBe(0);
    return Array.from(stdout, (signal) => signal === SIGILL);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('AdvSIMD and floating-point encodings are undefined where QEMU has none', { timeout: 120_000 }, () => {
  const words = Uint32Array.from(encodings());
  const expected = undefinedInQemu(words, 'cortex-a57');
  const guest = createAArch64('cortex-a57');
  const ir = new IrBuilder();
  const differences: string[] = [];
  words.forEach((word, i) => {
    ir.buffer.reset();
    guest.translateBlock(ir, { pc: 0x1000, maxInsns: 1, fetch: () => word });
    const undefinedHere = ir.terminator?.kind === 'trap' && ir.terminator.code === Trap.undefined;
    if (undefinedHere !== expected[i]) differences.push(`${word.toString(16)} (${guest.rowName(word) ?? 'no row'})`);
  });
  expect(expected.length).toBe(words.length);
  expect(differences.slice(0, 20)).toEqual([]);
});
