import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Milliseconds between looks. */
const LOOK = 5;

/**
 * Waits until a program has written more than so many bytes to a file, or has ended: tests that waited for a time instead
 * would depend on how fast the machine is.
 * @returns the file's size
 */
export async function growsBeyond(bytes: number, file: string, program: ChildProcess): Promise<number> {
  for (;;) {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > bytes || program.exitCode !== null || program.signalCode !== null) return size;
    await setTimeout(LOOK);
  }
}

/** Waits until a recording that is being made has all that has happened so far: what it gets next, which is whole once there is more. */
export async function recordingHasAll(path: string, program: ChildProcess): Promise<void> {
  const file = join(path, 'journal');
  const now = await growsBeyond(0, file, program);
  const next = await growsBeyond(now, file, program);
  await growsBeyond(next, file, program);
}
