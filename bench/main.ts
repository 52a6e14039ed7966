import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { article } from './article.ts';
import { baselineOf, changesText, compareWithBaseline, readBaseline, writeBaseline } from './baseline.ts';
import { browserBench } from './browser/browserBench.ts';
import { replayBench } from './browser/replayBench.ts';
import { outputOf } from './command.ts';
import { curves } from './curves.ts';
import { explainAll } from './explain/explain.ts';
import { judge, type Result, type Setting } from './judge.ts';
import { levels } from './levels.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { askQuestions } from './questions.ts';
import { summarize } from './ratios.ts';
import { counted, meansText, tableOf } from './report.ts';
import type { SetName } from './subject.ts';
import { subjectsOf } from './subjects.ts';

/** Where figures come from: they mean little without it. */
function environmentOf({ pairs, otherNode }: Options): Readonly<Record<string, string | number>> {
  const qemu = outputOf(['qemu-aarch64', '--version']).toString().split('\n')[0] ?? '';
  const other = otherNode === undefined ? {} : { 'other node': outputOf([otherNode, '--version']).toString().trim() };
  return { cpu: cpus()[0]?.model.trim() ?? '', cpus: cpus().length, node: process.version, ...other, qemu, pairs };
}

async function measureSet(set: SetName, options: Options, setting: Setting): Promise<Result[]> {
  const subjects = subjectsOf(set, options, setting.folder);
  if (subjects.length === 0) return [];
  const { header, line } = tableOf(set, { ...setting, hasOtherNode: setting.otherNode !== undefined });
  console.log(`\n${set}\n${header}`);
  const results: Result[] = [];
  for (const subject of subjects) {
    const result = await judge(subject, setting);
    console.log(line(result));
    results.push(result);
  }
  console.log(`\n${meansText(results)}`);
  return results;
}

/** Compares with the baseline and stores one, as the options say. */
function useBaseline(results: readonly Result[], { baseline: file, isSaving, isStrict }: Options, environment: ReturnType<typeof environmentOf>): void {
  const baseline = readBaseline(file);
  if (baseline !== undefined && results.length > 0) {
    const changes = compareWithBaseline(results, baseline);
    console.log(`\n${changesText(changes)}`);
    if (isStrict && changes.some(({ kind }) => kind === 'worse')) process.exitCode = 1;
  }
  if (isSaving) writeBaseline(file, baselineOf(results, environment, baseline));
}

/** Whether the command can keep translations on disk. */
function hasCacheOption(everystep: readonly string[]): boolean {
  const [node = '', ...args] = everystep;
  return /--cache\b/.test(spawnSync(node, [...args, 'run', '-h'], { encoding: 'utf8' }).stdout);
}

/** Measures the sets that the options name. @returns what goes into the report */
async function measureSets(options: Options, everystep: readonly string[], environment: ReturnType<typeof environmentOf>, folder: string): Promise<object> {
  const { sets, pairs, isTraced, filter, otherNode } = options;
  const other = otherNode === undefined ? undefined : [otherNode, ...everystep.slice(1)];
  const setting: Setting = { pairs, everystep, otherNode: other, isTraced, filter, hasCache: hasCacheOption(everystep), folder };
  const results: Result[] = [];
  const means: Record<string, ReturnType<typeof summarize>> = {};
  for (const set of ['cpu', 'debian'] as const) {
    if (!sets.includes(set)) continue;
    const of = await measureSet(set, options, setting);
    results.push(...of);
    means[set] = summarize(counted(of));
  }
  const rows = sets.includes('article') ? await article(everystep, pairs, folder) : undefined;
  useBaseline(results, options, environment);
  if (results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
  return { results, means, ...(rows === undefined ? {} : { article: rows }) };
}

/** Explains the program of that name. @returns what goes into the report */
async function explainProgram(name: string, { sysroot }: Options, everystep: readonly string[], folder: string): Promise<object> {
  const source = { only: new RegExp(`^(?:${name})$`), sysroot };
  const small = subjectsOf('cpu', source, folder);
  const subjects = small.length > 0 ? small : subjectsOf('debian', source, folder);
  if (subjects.length === 0) {
    console.error(`--explain: there is no program '${name}'`);
    process.exitCode = 2;
  }
  return { explanations: await explainAll(subjects, everystep, folder) };
}

/** Does what the options name. @returns what goes into the report */
async function measured(options: Options, everystep: readonly string[], environment: ReturnType<typeof environmentOf>, folder: string): Promise<object> {
  const { isCurves, isChromium, isLevels, explained, replayed, pairs } = options;
  if (explained !== undefined) return explainProgram(explained, options, everystep, folder);
  if (replayed !== undefined) return replayBench('chromium', replayed, everystep, pairs, folder);
  if (isChromium) return browserBench('chromium', subjectsOf('cpu', options, folder), pairs);
  if (isLevels) return { levels: await levels(subjectsOf('cpu', options, folder), everystep, pairs, folder) };
  return isCurves ? { curves: await curves(everystep, pairs) } : measureSets(options, everystep, environment, folder);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options === undefined) return console.log(HELP);
  const { json, questions, count } = options;
  if (questions !== undefined) return askQuestions(questions, count);
  const everystep = [process.execPath, resolve(options.command)];
  const environment = environmentOf(options);
  const where = Object.entries(environment).map(([name, value]) => `${name}: ${value}`);
  console.log(`Medians, times in seconds. ${where.join('; ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'everystep-bench-'));
  try {
    const report = { environment, ...(await measured(options, everystep, environment, folder)) };
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await main();
