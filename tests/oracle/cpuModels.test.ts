import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import { CPU_MODEL_NAMES, type CpuModelName } from '../../packages/core/src/guest/aarch64/cpuModels.ts';
import { type Block, Evaluator, IrBuilder } from '../../packages/core/src/ir/index.ts';
import { qemuCpu } from './qemuCpu.ts';

const root = join(import.meta.dirname, '../..');
const probe = join(root, '.build/oracle/cpuProbe');

/** Memory tagging, which everystep has not: HWCAP2_MTE, and the field MTE of ID_AA64PFR1_EL1. */
const HWCAP2_MTE = 1n << 18n;
const MTE_FIELD = 0xf00n;
const ID_AA64PFR1_EL1 = 0xd5380420;
/** DC GVA, GZVA, CGVAC, CGDVAC, CGVAP, CGDVAP, CGVADP, CGDVADP, CIGVAC, CIGDVAC; MSR of TCO with an immediate; MSR and MRS of it. */
const MTE_WORDS = [
  ...Array.from({ length: 16 }, (_, crm) => 0xd503409f + (crm << 8)),
  0xd50b7460,
  0xd50b7480,
  0xd50b7a60,
  0xd50b7aa0,
  0xd50b7c60,
  0xd50b7ca0,
  0xd50b7d60,
  0xd50b7da0,
  0xd50b7e60,
  0xd50b7ea0,
  0xd51b42e0,
  0xd53b42e0,
];
/** DC CVAP and CVADP: announced by QEMU 7.2, and undefined there. */
const CVAP = 0xd50b7c20;
const CVADP = 0xd50b7d20;
/** RNDR, RNDRRS, CNTVCT_EL0, TPIDR_EL0: another value at every run. */
const VARYING = [0xd53b2400, 0xd53b2420, 0xd53be040, 0xd53bd040];
/** NZCV, DIT, SSBS, FPCR, FPSR: what the words before have left there. */
const STATE = [0xd53b4200, 0xd53b42a0, 0xd53b42c0, 0xd53b4400, 0xd53b4420];

beforeAll(() => {
  mkdirSync(join(root, '.build/oracle'), { recursive: true });
  execFileSync('aarch64-linux-gnu-gcc', ['-O1', '-static', '-Wall', join(import.meta.dirname, 'cpuProbe.c'), '-o', probe]);
});

/** What the probe prints on a CPU that behaves as everystep's. */
function expectedOf(model: CpuModelName): { readonly hwcaps: readonly bigint[]; readonly words: Map<number, bigint | undefined> } {
  const guest = createAArch64(model);
  const state = new DataView(new ArrayBuffer(guest.state.size));
  const evaluator = new Evaluator({
    layout: guest.state,
    state,
    stateOffset: 0,
    input: () => 0n,
    memory: { load: () => 0n, store: () => undefined },
  });
  const words = new Map<number, bigint | undefined>();
  const ir = new IrBuilder();
  const tryWord = (word: number): void => {
    ir.buffer.reset();
    const { insns, bytes } = guest.translateBlock(ir, { pc: 0x8000, maxInsns: 1, fetch: () => word });
    const { terminator } = ir;
    if (terminator === undefined || terminator.kind === 'trap') return;
    const block: Block = { pc: 0x8000, start: 0, end: ir.buffer.length, insns, bytes, terminator };
    evaluator.run(ir.buffer, block);
    words.set(word, (word & 0x200000) === 0 || (word & 31) !== 0 ? undefined : state.getBigUint64(guest.state.get('x0').offset, true));
  };
  for (let operands = 0; operands < 1 << 17; operands++) {
    const word = (0xd5000000 | (operands << 5)) >>> 0;
    tryWord(word);
    if (((operands >>> 14) & 3) === 0) tryWord((word | 31) >>> 0);
  }
  return { hwcaps: [guest.linux.hwcap, guest.linux.hwcap2], words };
}

test.each(CPU_MODEL_NAMES)('%s has the system registers, hints and cache instructions of QEMU, and says so', (model) => {
  const [first, ...lines] = execFileSync('qemu-aarch64', ['-cpu', qemuCpu(model), probe], { encoding: 'latin1' })
    .trimEnd()
    .split('\n') as [string, ...string[]];
  const [hwcap, hwcap2] = first
    .split(' ')
    .slice(1)
    .map((text) => BigInt(`0x${text}`)) as [bigint, bigint];
  const qemu = new Map<number, bigint | undefined>();
  for (const line of lines) {
    const [word, value] = line.split(' ') as [string, string | undefined];
    qemu.set(Number.parseInt(word, 16), value === undefined ? undefined : BigInt(`0x${value}`));
  }
  for (const word of MTE_WORDS) qemu.delete(word);
  const pfr1 = qemu.get(ID_AA64PFR1_EL1);
  if (pfr1 !== undefined) qemu.set(ID_AA64PFR1_EL1, pfr1 & ~MTE_FIELD);

  const ours = expectedOf(model);
  expect(ours.hwcaps).toEqual([hwcap, hwcap2 & ~HWCAP2_MTE]);
  for (const word of [CVAP, CVADP]) ours.words.delete(word);
  const known = (words: ReadonlyMap<number, unknown>): string[] => [...words.keys()].sort((a, b) => a - b).map((word) => word.toString(16));
  expect(known(ours.words)).toEqual(known(qemu));
  const values = (words: ReadonlyMap<number, bigint | undefined>): string[] =>
    [...words]
      .filter(([word, value]) => value !== undefined && !VARYING.includes(word) && !STATE.includes(word))
      .map(([word, value]) => `${word.toString(16)} ${value?.toString(16)}`);
  expect(values(ours.words)).toEqual(values(qemu));
});
