import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Milliseconds between looks whether another process has built the command. */
const LOOK = 100;
/** Far above what it takes. Whoever builds it may have been killed. */
const MOST_LOOKS = 2000;
/** The first number is a process: a test run that may be over. */
const FOLDER = /^command-(\d+)(?:-\d+)?$/;

/** The command, built of the sources as they are now, where Node finds its packages: once a test run, whose processes share it. */
export class BuiltCommand {
  /** The file that users start. */
  readonly path: string;

  constructor() {
    const folder = join(root, '.build', folderOf(process.ppid));
    this.path = join(folder, 'bin/everystep.cjs');
    mkdirSync(join(root, '.build'), { recursive: true });
    const [done, failed] = ['done', 'failed'].map((name) => join(folder, name));
    if (isFirst(folder)) build(folder, done, failed);
    for (let looks = 0; !existsSync(done); looks++) {
      if (looks === MOST_LOOKS) throw new Error('the command is not there: the process of this test run that builds it does not come to an end');
      if (existsSync(failed)) throw new Error('the command could not be built: another process of this test run says why');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK);
    }
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome {
    return runProgram(process.execPath, [this.path, ...args], env);
  }
}

/** Name of a test run's folder. With the time when it began (proc_pid_stat(5), field 22), as others before may have had its process number. */
function folderOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fromThird = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return `command-${pid}-${fromThird[22 - 3]}`;
}

/** Makes the folder. @returns false if another process has */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function build(folder: string, done: string, failed: string): void {
  removeOld();
  try {
    cpSync(join(root, 'packages/cli/bin'), join(folder, 'bin'), { recursive: true });
    execFileSync(process.execPath, [join(root, 'scripts/bundle.mjs'), join(folder, 'dist')], { stdio: ['ignore', 'ignore', 'inherit'] });
    writeFileSync(done, '');
  } catch (error) {
    writeFileSync(failed, '');
    throw error;
  }
}

/** Removes what test runs have left that are over. */
function removeOld(): void {
  for (const name of readdirSync(join(root, '.build'))) {
    const pid = Number(FOLDER.exec(name)?.[1] ?? 0);
    if (pid > 0 && !isOf(pid, name)) rmSync(join(root, '.build', name), { recursive: true, force: true });
  }
}

/** Whether a folder is of a process that runs. */
function isOf(pid: number, folder: string): boolean {
  try {
    return folderOf(pid) === folder;
  } catch {
    // There is no such process.
    return false;
  }
}

/** How a command ended and what it wrote. */
export interface Outcome {
  /** Exit status, or 128 and the signal's number as shells have it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const SIGNALS: Readonly<Record<string, number>> = { SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGBUS: 7, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGTERM: 15 };

/** Runs a program to its end, with exactly this environment. */
export function runProgram(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome {
  const { status, signal, stdout, stderr, error } = spawnSync(file, args, { env, encoding: 'latin1', maxBuffer: 1 << 30, cwd: root });
  if (error !== undefined) throw error;
  return { status: status ?? 128 + SIGNALS[signal as string], stdout, stderr };
}

export const qemu = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome => runProgram('qemu-aarch64', args, env);
