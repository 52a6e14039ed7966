import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The command, built of the sources as they are now, where Node finds its packages. */
export class BuiltCommand {
  private readonly folder: string;
  /** The file that users start. */
  readonly path: string;

  constructor() {
    mkdirSync(join(root, '.build'), { recursive: true });
    this.folder = mkdtempSync(join(root, '.build/command-'));
    this.path = join(this.folder, 'bin/everystep.cjs');
    cpSync(join(root, 'packages/cli/bin'), join(this.folder, 'bin'), { recursive: true });
    execFileSync(process.execPath, [join(root, 'scripts/bundle.mjs'), join(this.folder, 'dist')], { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome {
    return runProgram(process.execPath, [this.path, ...args], env);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
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
