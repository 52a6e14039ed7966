import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Difference } from './compare.ts';
import { memoryOperand } from './memoryOperand.ts';
import { MEMORY_WINDOWS, type TestRecord } from './record.ts';

const hex = (value: bigint, digits = 16): string => value.toString(16).padStart(digits, '0');

/** objdump's text of each word, at its address. */
export function disassemble(words: ArrayLike<number>, pc: number, folder: string): string[] {
  const file = join(folder, `words-${process.pid}.bin`);
  writeFileSync(file, new Uint8Array(Uint32Array.from(words).buffer));
  try {
    const options = ['-D', '-b', 'binary', '-m', 'aarch64', `--adjust-vma=0x${pc.toString(16)}`, '-z'];
    const text = execFileSync('aarch64-linux-gnu-objdump', [...options, file], { encoding: 'utf8' });
    return text.split('\n').flatMap((line) => /^\s*[0-9a-f]+:\t[0-9a-f]{8} \t(.*)$/.exec(line)?.[1]?.replaceAll('\t', ' ') ?? []);
  } catch {
    return Array.from(words, () => '(no objdump)');
  }
}

export interface Failure {
  /** Row names of the instructions. */
  readonly rows: readonly string[];
  readonly test: TestRecord;
  readonly expected: TestRecord;
  readonly actual: TestRecord;
  readonly differences: readonly Difference[];
  /** Where one of the two did not come to an outcome. */
  readonly error: string | undefined;
}

/** Registers that the words name, by their usual fields: what a reader looks at first. */
function namedRegisters(words: Uint32Array): Set<number> {
  const named = new Set<number>();
  for (const word of words) for (const shift of [0, 5, 10, 16]) named.add((word >>> shift) & 31);
  return named;
}

function stateLines(record: TestRecord, named: Set<number>): string[] {
  const lines = [
    `  sp=${hex(record.get('sp'))} nzcv=${hex((record.get('pstate') >> 28n) & 15n, 1)} fpcr=${hex(record.get('fpcr'), 8)} fpsr=${hex(record.get('fpsr'), 8)} tpidr_el0=${hex(record.get('tpidr'))}`,
  ];
  for (let i = 0; i < 31; i++) if (named.has(i)) lines.push(`  x${i}=${hex(record.get('x', i))}`);
  for (let i = 0; i < 32; i++) if (named.has(i)) lines.push(`  v${i}=${hex(record.get('v', 2 * i + 1))}:${hex(record.get('v', 2 * i))}`);
  return lines;
}

/** Everything about a mismatch. Of the inputs, the registers that the words can name. */
export function describeFailure({ rows, test, expected, actual, differences, error }: Failure, folder: string): string {
  const words = test.words;
  const pc = Number(test.get('pc'));
  const texts = disassemble(words, pc, folder);
  const lines = ['MISMATCH'];
  words.forEach((word, i) => {
    lines.push(`  ${(pc + 4 * i).toString(16)}: ${hex(BigInt(word), 8)}  ${(texts[i] ?? '').padEnd(40)} ${rows[i] ?? ''}`);
  });
  lines.push('inputs:', ...stateLines(test, namedRegisters(words)));
  if (words.some((word) => memoryOperand(word) !== undefined)) {
    MEMORY_WINDOWS.forEach((window, w) => {
      lines.push(`  memory ${window.name} 0x${window.start.toString(16)}:`);
      const bytes = test.window(w);
      for (let i = 0; i < bytes.length; i += 32) lines.push(`    ${Array.from(bytes.subarray(i, i + 32), (b) => b.toString(16).padStart(2, '0')).join('')}`);
    });
  }
  if (error !== undefined) lines.push(`everystep: ${error}`);
  else
    lines.push(
      `ended: qemu signal ${expected.get('signal')} at ${hex(expected.get('pc'))}, everystep signal ${actual.get('signal')} at ${hex(actual.get('pc'))}`,
    );
  for (const d of differences)
    lines.push(`  ${d.what.padEnd(12)} input ${inputOf(test, d.what)}\n               qemu  ${d.expected}\n               ours  ${d.actual}`);
  return lines.join('\n');
}

function inputOf(test: TestRecord, what: string): string {
  const register = /^([xv])(\d+)$/.exec(what);
  if (register === null) return '';
  const n = Number(register[2]);
  return register[1] === 'x' ? hex(test.get('x', n)) : hex(test.get('v', 2 * n) | (test.get('v', 2 * n + 1) << 64n), 32);
}
