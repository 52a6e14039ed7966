import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

const root = join(import.meta.dirname, '../..');

/** Milliseconds after which something that waits for ever is ended. */
const LIMIT = 120_000;

export const hasGdb = spawnSync('gdb-multiarch', ['--version']).status === 0;

/** The programs of tests of debuggers, by their names: built before this file's first test. @returns the path of each; a path is itself */
export function builtPrograms(): (name: string) => string {
  let programs = new Map<string, string>();
  beforeAll(() => {
    const built = buildPrograms(join(import.meta.dirname, 'programs'), join(root, '.build/debug'));
    programs = new Map(built.map(({ name, path }) => [name, path]));
  });
  return (name) => programs.get(name) ?? name;
}

/** What tests of debuggers start from. To be looked at within tests. */
export interface Surroundings {
  readonly everystep: BuiltCommand;
  /** Removed behind the last test. */
  readonly folder: string;
  /** A name for a socket that nobody has. */
  newSocket(): string;
}

/** For the tests of a file that calls this. */
export function surroundings(): Surroundings {
  let sockets = 0;
  const made: { everystep?: BuiltCommand; folder?: string } = {};
  beforeAll(() => {
    made.everystep = new BuiltCommand();
    made.folder = mkdtempSync(join(tmpdir(), 'everystep-gdb-'));
  });
  afterAll(() => {
    if (made.folder !== undefined) rmSync(made.folder, { recursive: true });
  });
  const soon = 'no test runs yet';
  return {
    get everystep() {
      return made.everystep ?? expect.fail(soon);
    },
    get folder() {
      return made.folder ?? expect.fail(soon);
    },
    newSocket() {
      return join(this.folder, `socket-${sockets++}`);
    },
  };
}

/** __SO_ACCEPTCON, a flag of /proc/net/unix: the socket listens. */
const LISTENS = 0x10000;

/** Whether a connection would be taken. The file alone is not enough: it is there when the socket has a name, a moment before it listens. */
function listens(path: string): boolean {
  if (!existsSync(path)) return false;
  const sockets = readFileSync('/proc/net/unix', 'latin1')
    .split('\n')
    .map((line) => line.split(/ +/));
  return sockets.some((fields) => fields[7] === path && (Number.parseInt(fields[3] ?? '', 16) & LISTENS) !== 0);
}

/** How a program that was debugged ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program under everystep that waits for a debugger at a socket. */
export class Debuggee {
  private readonly process: ChildProcess;
  private stdout = '';
  private stderr = '';
  readonly ended: Promise<Ended>;

  /**
   * @param input what the program reads from standard input
   * @param subcommand everystep's: `gdb` for a recording, which is the command then
   */
  constructor(
    everystep: BuiltCommand,
    readonly socket: string,
    command: readonly string[],
    input = '',
    subcommand = 'run',
  ) {
    this.process = spawn(process.execPath, [everystep.path, subcommand, '-g', socket, ...command], { cwd: root, timeout: LIMIT });
    this.process.stdout?.setEncoding('latin1').on('data', (text: string) => {
      this.stdout += text;
    });
    this.process.stderr?.setEncoding('latin1').on('data', (text: string) => {
      this.stderr += text;
    });
    this.process.stdin?.end(input);
    this.ended = new Promise((resolve) => {
      this.process.on('close', (status) => resolve({ status, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  async ready(): Promise<void> {
    while (!listens(this.socket)) {
      if (this.process.exitCode !== null || this.process.signalCode !== null) throw new Error(`everystep has ended: ${this.stderr}`);
      await sleep(20);
    }
  }
}

/**
 * Runs gdb's commands on a program.
 * @param file gdb's own copy of the program; undefined: it gets it from everystep
 * @returns what gdb printed, by the names of `echo` commands `[name]`, and how the program ended
 */
export async function runGdb(
  debuggee: Debuggee,
  file: string | undefined,
  commands: readonly string[],
): Promise<{ readonly gdb: string; readonly ended: Ended }> {
  await debuggee.ready();
  const settings = ['set confirm off', 'set style enabled off', 'set pagination off', 'set width 0', 'set print frame-arguments all'];
  const all = [...settings, `target remote ${debuggee.socket}`, ...commands].flatMap((command) => ['-ex', command]);
  const args = ['-nx', '-batch', ...all, ...(file === undefined ? [] : [file])];
  // One pipe, so that what monitor commands and errors say stands where it was said.
  const gdb = spawn('sh', ['-c', 'exec gdb-multiarch "$@" 2>&1', 'sh', ...args], { cwd: root, timeout: LIMIT, stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  gdb.stdout.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  await new Promise((resolve) => gdb.on('close', resolve));
  return { gdb: text, ended: await debuggee.ended };
}

/** The lines between `echo [name]\n` and the next such line. */
export function part(gdb: string, name: string): string {
  const from = gdb.indexOf(`[${name}]\n`);
  expect(from, `[${name}] in ${gdb}`).toBeGreaterThanOrEqual(0);
  const rest = gdb.slice(from + name.length + 3);
  const to = rest.search(/^\[[a-z ]+\]$/m);
  return to < 0 ? rest : rest.slice(0, to);
}

/** A command that begins a part of the output. */
export const mark = (name: string): string => `echo [${name}]\\n`;
