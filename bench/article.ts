import { statSync } from 'node:fs';
import { join } from 'node:path';
import { hasHostCompiler, QEMU } from './command.ts';
import { countSteps } from './countSteps.ts';
import { buildNative } from './cpuSet.ts';
import { alternate, type Usage, type Ways } from './measure.ts';
import { medianOf, type Ratio, ratioOf } from './statistics.ts';
import { progress, ratioText, seconds, table } from './text.ts';
import { sumOfChunks, sumOfText } from './traceHash.ts';

const PROGRAM = 'examples/sum/sum';
const SINGLESTEP_OPTIONS = ['-singlestep', '-d', 'exec,cpu,in_asm', '-D', '/dev/null'];
const SINGLESTEP = `qemu ${SINGLESTEP_OPTIONS.join(' ')}`;

/** A way to run the article's program. */
interface ArticleRow {
  readonly name: string;
  readonly usages: readonly Usage[];
  /** Of user time, to QEMU's, to everystep's untraced and to QEMU's with a log of each instruction. */
  readonly ratios: Readonly<Record<'qemu' | 'untraced' | 'singlestep', Ratio>>;
}

/** @throws Error unless both traces hold all instructions with equal values */
function checkTraces(chunks: string, text: string): void {
  progress('article: reading the traces back');
  const sums = [sumOfChunks(chunks), sumOfText(text)] as const;
  const steps = countSteps([PROGRAM]);
  if (sums.some(({ insns, digest }) => insns !== steps || digest !== sums[0].digest)) {
    throw new Error(`the traces differ, or lack instructions of ${steps}: ${JSON.stringify(sums)}`);
  }
  progress('');
  const sizes = `${statSync(chunks).size} and ${statSync(text).size} bytes`;
  console.log(`Both trace files hold all ${steps} instructions, with equal values (hash ${sums[0].digest}); ${sizes}.`);
}

/** The article's table: its program, 12 million instructions, in every way. Prints it. */
export async function article(everystep: readonly string[], pairs: number, folder: string): Promise<ArticleRow[]> {
  const chunks = join(folder, 'trace.everystep');
  const text = join(folder, 'trace.txt');
  const native = hasHostCompiler() ? buildNative('article', 'bench/programs/sum.c', ['-O0', '-DCOUNT=1000000']) : undefined;
  const ways: Ways = {
    ...(native === undefined ? {} : { native: { command: [native] } }),
    qemu: { command: [...QEMU, PROGRAM] },
    [SINGLESTEP]: { command: [...QEMU, ...SINGLESTEP_OPTIONS, PROGRAM] },
    'everystep run': { command: [...everystep, 'run', PROGRAM] },
    'everystep trace --format=none': { command: [...everystep, 'trace', '--format=none', PROGRAM] },
    'everystep trace --format=chunks': { command: [...everystep, 'trace', '--format=chunks', '-o', chunks, PROGRAM] },
    'everystep trace --format=text': { command: [...everystep, 'trace', '--format=text', '-o', text, PROGRAM] },
  };
  const all = await alternate(ways, pairs, (name) => progress(`article: ${name}`));
  checkTraces(chunks, text);
  const base = (name: string): readonly Usage[] => all[name] as readonly Usage[];
  const rows = Object.entries(all).map(([name, usages]): ArticleRow => {
    const ratios = { qemu: ratioOf(usages, base('qemu')), untraced: ratioOf(usages, base('everystep run')), singlestep: ratioOf(usages, base(SINGLESTEP)) };
    return { name, usages, ratios };
  });
  console.log(`\n${articleText(rows)}`);
  return rows;
}

function articleText(rows: readonly ArticleRow[]): string {
  const lines = rows.map(({ name, usages, ratios }) => {
    const times = 1 / ratios.singlestep.median;
    const cells = [seconds(medianOf(usages, 'user')), seconds(medianOf(usages, 'system')), ratioText(ratios.qemu), ratioText(ratios.untraced)];
    return [name, ...cells, times.toFixed(times < 10 ? 2 : 0)];
  });
  return table([["the article's program", 'user', 'system', '/ qemu', '/ untraced', 'singlestep /'], ...lines]);
}
