import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QemuLogParser } from './qemuLog.ts';

export interface QemuRun {
  /** Options before the program. */
  readonly options: readonly string[];
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** File descriptor for the guest's standard output and error. */
  readonly output: number;
  /** Told the process id once QEMU runs, before any state. */
  readonly onStart: (pid: number) => void;
}

export interface QemuEnd {
  readonly status: number | null;
  readonly signal: string | null;
}

/**
 * Runs a program under qemu-aarch64 and hands over the state before each instruction as it runs; the log goes through a
 * pipe with a name, so no file of gigabytes is made.
 *
 * QEMU's log takes a file descriptor that the guest would get otherwise. So QEMU starts with standard input closed: the
 * log takes 0, and the guest's own files have the numbers that they have without a log.
 */
export async function traceQemu(run: QemuRun, onState: (state: Int32Array) => boolean): Promise<QemuEnd> {
  const folder = mkdtempSync(join(tmpdir(), 'qemu-log-'));
  const fifo = join(folder, 'log');
  execFileSync('mkfifo', [fifo]);
  try {
    const log = new Socket({ fd: openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
    // The shell closes standard input, env takes away what the shell adds to the environment.
    const environment = Object.entries(run.env).map(([name, value]) => `${name}=${value}`);
    const qemu = ['qemu-aarch64', ...run.options, '-singlestep', '-d', 'nochain,cpu,fpu', '-D', fifo, run.program, ...run.args];
    const child = spawn('sh', ['-c', 'exec env -i "$@" <&-', 'sh', ...environment, ...qemu], { stdio: ['ignore', run.output, run.output] });
    if (child.pid !== undefined) run.onStart(child.pid);
    const ended = new Promise<QemuEnd>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (status, signal) => resolve({ status, signal }));
    });
    const parser = new QemuLogParser(onState);
    let failure: unknown;
    const stop = (): void => {
      log.destroy();
      child.kill('SIGKILL');
    };
    log.on('data', (chunk: Buffer) => {
      try {
        if (!parser.push(chunk)) stop();
      } catch (error) {
        failure = error;
        stop();
      }
    });
    const closed = new Promise<void>((resolve) => log.on('close', () => resolve()));
    const end = await ended;
    endLog(fifo);
    await closed;
    if (failure !== undefined) throw failure;
    if (child.killed) return end;
    parser.end();
    return end;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Gives the log an end where QEMU ended before it opened it: readers of a pipe that nobody has opened see none. */
function endLog(fifo: string): void {
  try {
    closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch (error) {
    // Nobody reads it any more.
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
  }
}
