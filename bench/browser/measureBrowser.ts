import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { outputOf, QEMU } from '../command.ts';
import type { Result } from '../judge.ts';
import { measure, type Usage } from '../measure.ts';
import { ratiosOf } from '../ratios.ts';
import { medianOf } from '../statistics.ts';
import type { Subject } from '../subject.ts';
import { progress, ratioText, seconds, tableLine } from '../text.ts';
import type { BrowserSession } from './session.ts';

const TITLES = ['program', 'kind', 'qemu wall', 'wall', 'wall ratio', 'qemu user', 'user', 'user ratio'];
const WIDTHS = [20, 12, 9, 9, 17, 9, 9, 17];

/** Longer than any program of the bench takes. */
const TIMEOUT = 600;

const digestOf = (output: string | Uint8Array): string => createHash('sha256').update(output).digest('hex');

/** Compares a program's output in the browser with that under QEMU, then measures both in turn. */
async function judgeProgram(subject: Subject, session: BrowserSession, pairs: number): Promise<Result> {
  const { set, name, kind, guest } = subject;
  const qemu = [...QEMU, ...guest];
  const bytes = readFileSync(guest[0] as string);
  const inBrowser = async (): Promise<{ readonly usage: Usage; readonly output: string }> => {
    const before = session.cpuTime;
    const { status, output, seconds: elapsed } = await session.run(bytes, guest, TIMEOUT);
    if (status !== 0) throw new Error(`status ${status}`);
    const { user, system } = session.cpuTime;
    return { usage: { user: user - before.user, system: system - before.system, elapsed, peak: 0 }, output };
  };
  const usages = { qemu: [] as Usage[], everystep: [] as Usage[] };
  try {
    progress(`${name}: comparing outputs`);
    const { output } = await inBrowser();
    if (digestOf(Buffer.from(output, 'latin1')) !== digestOf(outputOf(qemu))) throw new Error("the output differs from QEMU's");
    for (let pair = 0; pair < pairs; pair++) {
      progress(`${name}: pair ${pair + 1} of ${pairs}`);
      const sides = [async () => usages.qemu.push(await measure({ command: qemu })), async () => usages.everystep.push((await inBrowser()).usage)];
      for (const side of pair % 2 === 0 ? sides : sides.reverse()) await side();
    }
    return { set, name, kind, usages, ratios: ratiosOf(usages) };
  } catch (error) {
    return { set, name, kind, usages: {}, ratios: {}, failure: error instanceof Error ? error.message : String(error) };
  } finally {
    progress('');
  }
}

function lineOf({ name, kind, usages, ratios, failure }: Result): string {
  if (failure !== undefined) return `${tableLine([name, kind], WIDTHS)}  NOT MEASURED: ${failure.split('\n')[0]}`;
  const cells = (['elapsed', 'user'] as const).flatMap((what) => {
    const ratio = ratios[what === 'elapsed' ? 'wall' : 'user'];
    return [...['qemu', 'everystep'].map((way) => seconds(medianOf(usages[way] ?? [], what))), ratio === undefined ? '-' : ratioText(ratio)];
  });
  return tableLine([name, kind, ...cells], WIDTHS);
}

/** Measures programs that need nothing but themselves, and prints a table line by line. */
export async function measureBrowser(subjects: readonly Subject[], session: BrowserSession, pairs: number): Promise<Result[]> {
  console.log(`\n${tableLine(TITLES, WIDTHS)}`);
  const results: Result[] = [];
  for (const subject of subjects) {
    const result = await judgeProgram(subject, session, pairs);
    console.log(lineOf(result));
    results.push(result);
  }
  return results;
}
