import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { article } from './article.ts';
import { baselineOf, changesText, compareWithBaseline, readBaseline, writeBaseline } from './baseline.ts';
import { outputOf } from './command.ts';
import { cpuSubjects } from './cpuSet.ts';
import { curves } from './curves.ts';
import { debianSubjects } from './debianSet.ts';
import { judge, type Result, type Setting } from './judge.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { summarize } from './ratios.ts';
import { counted, meansText, tableOf } from './report.ts';
import type { SetName, Subject } from './subject.ts';

const NO_SYSROOT =
  "The Debian set is left out: it needs --sysroot DIR or EVERYSTEP_BENCH_SYSROOT; `bash scripts/debianSysroot.sh DIR` makes that folder from the system's package sources.";

/** Where figures come from: they mean little without it. */
function environmentOf({ pairs, otherNode }: Options): Readonly<Record<string, string | number>> {
  const qemu = outputOf(['qemu-aarch64', '--version']).toString().split('\n')[0] ?? '';
  const other = otherNode === undefined ? {} : { 'other node': outputOf([otherNode, '--version']).toString().trim() };
  return { cpu: cpus()[0]?.model.trim() ?? '', cpus: cpus().length, node: process.version, ...other, qemu, pairs };
}

function subjectsOf(set: SetName, { only, sysroot }: Options, folder: string): Subject[] {
  if (set === 'cpu') return cpuSubjects(only);
  if (sysroot === undefined) {
    console.log(NO_SYSROOT);
    return [];
  }
  const { subjects, absent } = debianSubjects(sysroot, folder, only);
  if (absent.length > 0) console.log(`Not in the sysroot: ${absent.join(', ')}.`);
  return subjects;
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

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options === undefined) return console.log(HELP);
  const { sets, pairs, isTraced, otherNode, json } = options;
  const command = resolve(options.command);
  const everystep = [process.execPath, command];
  const environment = environmentOf(options);
  console.log(
    `Medians of ${pairs} pairs, times in seconds. ${Object.entries(environment)
      .map(([name, value]) => `${name}: ${value}`)
      .join('; ')}`,
  );
  const report: Record<string, unknown> = { environment };
  const folder = mkdtempSync(join(tmpdir(), 'everystep-bench-'));
  try {
    if (options.isCurves) {
      report.curves = await curves(everystep, pairs);
    } else {
      const hasCache = spawnSync(process.execPath, [command, 'run', '-h'], { encoding: 'utf8' }).stdout.includes('--cache=');
      const setting: Setting = { pairs, everystep, otherNode: otherNode === undefined ? undefined : [otherNode, command], isTraced, hasCache, folder };
      const results: Result[] = [];
      for (const set of ['cpu', 'debian'] as const) if (sets.includes(set)) results.push(...(await measureSet(set, options, setting)));
      report.results = results;
      report.means = Object.fromEntries(sets.map((set) => [set, summarize(counted(results.filter((result) => result.set === set)))]));
      if (sets.includes('article')) report.article = await article(everystep, pairs, folder);
      useBaseline(results, options, environment);
      if (results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
    }
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await main();
