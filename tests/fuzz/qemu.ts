import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RECORD_BYTES, recordHeader } from './record.ts';

/** Base of the runner's image: an address that no generated value is likely to name. */
const IMAGE_BASE = '0x713570000';

/** Of QEMU's random numbers, from which the keys of pointer authentication come. */
export const QEMU_SEED = 1n;

/** Compiles a freestanding C program for the guest, to an image where no generated value is likely to point. */
export function compileGuest(source: string, program: string, options: readonly string[]): void {
  const flags = [
    '-O2',
    '-std=gnu11',
    '-Wall',
    '-Werror',
    '-ffreestanding',
    '-fno-stack-protector',
    '-fno-builtin',
    '-nostdlib',
    '-static',
    `-Wl,-Ttext-segment=${IMAGE_BASE}`,
  ];
  execFileSync('aarch64-linux-gnu-gcc', [...flags, ...options, source, '-o', program, '-lgcc'], { stdio: 'inherit' });
}

/** Compiles runner.c, if it or the record's layout changed. @returns the path of the program */
export function buildRunner(source: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'runner');
  const stamp = join(folder, 'runner.stamp');
  // Others may build it at the same time.
  const [header, built] = [join(folder, `record-${process.pid}.h`), `${program}-${process.pid}`];
  const wanted = recordHeader() + readFileSync(source, 'utf8') + readFileSync(join(dirname(source), 'guestSignals.h'), 'utf8');
  try {
    if (readFileSync(stamp, 'utf8') === wanted) return program;
  } catch {
    // Not built yet.
  }
  writeFileSync(header, recordHeader());
  compileGuest(source, built, ['-include', header]);
  renameSync(built, program);
  rmSync(header);
  writeFileSync(stamp, wanted);
  return program;
}

export interface QemuOptions {
  readonly runner: string;
  readonly cpu: string;
}

/** Outcomes of a batch; where QEMU itself ended, the test's index is in `died`, with what it said. */
export interface QemuResult {
  readonly outcomes: ArrayBuffer;
  readonly died: ReadonlyMap<number, string>;
}

/** Runs `count` tests, a record each. */
export async function runQemu(options: QemuOptions, tests: ArrayBuffer, count: number): Promise<QemuResult> {
  const outcomes = new Uint8Array(count * RECORD_BYTES);
  const died = new Map<number, string>();
  for (let first = 0; first < count; ) {
    const { output, message } = await runOnce(options, new Uint8Array(tests, first * RECORD_BYTES, (count - first) * RECORD_BYTES));
    const done = Math.floor(output.length / RECORD_BYTES);
    outcomes.set(output.subarray(0, done * RECORD_BYTES), first * RECORD_BYTES);
    first += done;
    if (first < count) died.set(first++, message);
  }
  return { outcomes: outcomes.buffer, died };
}

function runOnce({ runner, cpu }: QemuOptions, input: Uint8Array): Promise<{ output: Buffer; message: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('qemu-aarch64', ['-seed', String(QEMU_SEED), '-cpu', cpu, runner], { stdio: 'pipe' });
    const chunks: Buffer[] = [];
    let errors = '';
    // A test that hangs; on a busy machine, all of them together may take longer.
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      timer.refresh();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on('error', reject);
    // The child may end before it has read everything.
    child.stdin.on('error', () => undefined);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      resolve({ output: Buffer.concat(chunks), message: `qemu-aarch64 ended with ${signal ?? `status ${status}`} ${errors}`.trim() });
    });
    child.stdin.end(input);
  });
}
