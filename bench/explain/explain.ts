import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QEMU } from '../command.ts';
import { measure, type Usage } from '../measure.ts';
import type { Subject } from '../subject.ts';
import { progress } from '../text.ts';
import { compilationsOf } from './compilations.ts';
import { type Explanation, explanationText } from './explanation.ts';
import { classify, mappedSources, type Profile, SAMPLING_INTERVAL } from './profile.ts';

/** The profile of the main thread among those in a folder: their names are `CPU.date.time.pid.thread.number.cpuprofile`. */
function readProfile(folder: string): Profile {
  const file = readdirSync(folder).find((name) => name.split('.')[4] === '0');
  if (file === undefined) throw new Error('Node has written no profile');
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile;
}

/** The source map beside a script. */
function mapOf(url: string): string | undefined {
  const map = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : '';
  return existsSync(map) ? readFileSync(map, 'utf8') : undefined;
}

/** Runs a command with V8's tracing of compilations, whose lines come between those of the program. */
function traced(command: readonly string[], { cwd, env }: Subject, folder: string): { readonly output: string; readonly errors: string } {
  const [name = '', ...args] = command;
  const file = join(folder, 'output');
  const output = openSync(file, 'w');
  try {
    const { status, stderr } = spawnSync(name, args, { cwd, env, stdio: ['ignore', output, 'pipe'], encoding: 'utf8', maxBuffer: 1 << 30 });
    if (status !== 0) throw new Error(`status ${status} from ${command.join(' ')}: ${stderr}`);
    return { output: readFileSync(file, 'latin1'), errors: stderr };
  } finally {
    closeSync(output);
  }
}

/**
 * Finds out what everystep does while a program runs: by a run under Node's profiler, one with V8's tracing of compilations
 * and everystep's own counts, and one with neither.
 * @param everystep the command, Node first
 * @param folder for what is written
 */
export async function explain(subject: Subject, everystep: readonly string[], folder: string): Promise<Explanation> {
  const { name, kind, guest, cwd, env } = subject;
  const [node = '', ...script] = everystep;
  const run = (what: string, command: readonly string[]): Promise<Usage> => {
    progress(`${name}: ${what}`);
    return measure({ command: [...command, ...guest], cwd, env });
  };
  const profiles = join(folder, 'profiles');
  mkdirSync(profiles);
  const qemu = await run('qemu', QEMU);
  const plain = await run('everystep', [...everystep, 'run']);
  const profiled = await run('profile', [node, '--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-interval=${SAMPLING_INTERVAL}`, ...script, 'run']);
  progress(`${name}: counts`);
  const { output, errors } = traced([node, '--trace-wasm-compilation-times', ...script, 'run', '--explain', ...guest], subject, folder);
  progress('');
  const profile = readProfile(profiles);
  const sourceOf = mappedSources(mapOf);
  if (!profile.nodes.some(({ callFrame: { url, lineNumber, columnNumber } }) => sourceOf(url, lineNumber, columnNumber).startsWith('engine/'))) {
    throw new Error(`${script.join(' ')}: there are no source maps beside the bundle`);
  }
  const counts = errors
    .split('\n')
    .filter((line) => line.startsWith('everystep: '))
    .join('\n');
  return { name, kind, everystep: plain, profiled, qemu, main: classify(profile, sourceOf), compilations: compilationsOf(output), counts };
}

/** Explains each of the subjects, and prints that. */
export async function explainAll(subjects: readonly Subject[], everystep: readonly string[], folder: string): Promise<object[]> {
  const explanations: object[] = [];
  for (const [i, subject] of subjects.entries()) {
    const own = join(folder, `explain${i}`);
    mkdirSync(own);
    const explanation = await explain(subject, everystep, own);
    console.log(`\n${explanationText(explanation)}`);
    explanations.push({ ...explanation, main: Object.fromEntries(explanation.main) });
  }
  return explanations;
}
