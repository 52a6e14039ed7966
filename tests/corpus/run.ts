import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { CorpusProgram } from './programs.ts';

/** How a command is run. */
export interface Setting {
  /** Where the inputs are: the working directory. */
  readonly inputs: string;
  readonly home: string;
  /** A file that the program may write. */
  readonly output: string;
  /** In milliseconds. */
  readonly limit: number;
}

/** What came of a run. */
export interface Outcome {
  /** Exit status, or 128 and the signal's number; undefined: it did not end in time. */
  readonly status: number | undefined;
  /** What counts of standard output, and the file that it wrote. */
  readonly output: Buffer;
  /** All of standard output. */
  readonly stdout: Buffer;
  readonly errors: string;
  /** In seconds. */
  readonly elapsed: number;
}

/** Output that is kept. */
const LARGEST_OUTPUT = 1 << 28;

/** Runs a program of the corpus. @param emulator the command that runs it, without the program */
export function runProgram(emulator: readonly string[], path: string, program: CorpusProgram, setting: Setting): Outcome {
  rmSync(setting.output, { force: true });
  const outcome = runCommand([...emulator, path, ...program.args], setting, program);
  return { ...outcome, output: Buffer.concat([filtered(outcome.stdout, program.filter), written(setting.output)]) };
}

/** Runs a command that writes no file which counts. */
export function runCommand(
  [command = '', ...args]: readonly string[],
  { inputs, home, limit }: Setting,
  program: Pick<CorpusProgram, 'input' | 'environment'> = { input: '', environment: {} },
): Outcome {
  const env = { PATH: process.env.PATH, HOME: home, LC_ALL: 'C', TZ: 'UTC', TERM: 'dumb', GIT_CONFIG_NOSYSTEM: '1', ...program.environment };
  const input = openSync(program.input === '' ? '/dev/null' : join(inputs, program.input), 'r');
  const start = performance.now();
  const options = { cwd: inputs, env, timeout: limit, killSignal: 'SIGKILL', maxBuffer: LARGEST_OUTPUT } as const;
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, { ...options, stdio: [input, 'pipe', 'pipe'] });
  const elapsed = (performance.now() - start) / 1000;
  closeSync(input);
  const isLate = error !== undefined && 'code' in error && error.code === 'ETIMEDOUT';
  if (error !== undefined && !isLate) throw error;
  return {
    status: isLate ? undefined : (status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    output: stdout,
    stdout,
    errors: stderr.toString('latin1'),
    elapsed,
  };
}

function filtered(output: Buffer, filter: RegExp | undefined): Buffer {
  if (filter === undefined) return output;
  const lines = output
    .toString('latin1')
    .split('\n')
    .filter((line) => filter.test(line));
  return Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
}

function written(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

const SIGNAL_STATUS = 128;

/** How one emulator's outcome compares with what is right. */
export function compare(actual: Outcome, expected: Outcome): string {
  if (actual.status === undefined) return 'timeout';
  const isSame = actual.output.equals(expected.output);
  if (actual.status === expected.status) return isSame ? 'ok' : 'different';
  if (actual.status > SIGNAL_STATUS) return `signal ${actual.status - SIGNAL_STATUS}`;
  return isSame ? `status ${actual.status}` : 'different';
}
