import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Milliseconds between looks whether another process has built the command. */
const LOOK = 100;
/** Whole numbers are processes: test runs that may be over. */
const FOLDER = /^command-(\d+)$/;

/** The command, built of the sources as they are now, where Node finds its packages: once a test run, whose processes share it. */
export class BuiltCommand {
  /** The file that users start. */
  readonly path: string;

  constructor() {
    const folder = join(root, `.build/command-${process.ppid}`);
    this.path = join(folder, 'bin/everystep.cjs');
    mkdirSync(join(root, '.build'), { recursive: true });
    const [done, failed] = ['done', 'failed'].map((name) => join(folder, name));
    if (isFirst(folder)) build(folder, done, failed);
    while (!existsSync(done)) {
      if (existsSync(failed)) throw new Error('the command could not be built: another process of this test run says why');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK);
    }
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome {
    return runProgram(process.execPath, [this.path, ...args], env);
  }
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
    if (pid > 0 && !existsSync(`/proc/${pid}`)) rmSync(join(root, '.build', name), { recursive: true });
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
