import { writeSync } from 'node:fs';
import { ChunkFileChecker, TraceDamage } from '@everystep/core';
import { grouped, Progress } from './progress.ts';
import { guestOf, type TraceFile } from './traceFile.ts';

/**
 * Reads all of a trace and tells what is in it, and what does not hold, first things first.
 * @returns the exit status: 1 if something does not hold
 * @throws UserError if the file cannot be read, or is no trace file
 */
export function checkTraceFile(file: TraceFile): number {
  const checker = new ChunkFileChecker(guestOf);
  const progress = new Progress();
  let note: string | undefined;
  let damage: string | undefined;
  try {
    note = file.read(checker, () => progress.show(() => `${grouped(checker.insns)} instructions checked`));
  } catch (error) {
    if (!(error instanceof TraceDamage)) throw error;
    damage = error.message;
  }
  progress.clear();
  const { insns, problems } = checker;
  const count = checker.problemCount + Number(damage !== undefined);
  const found = count === 0 ? 'no problems' : count === 1 ? '1 problem' : `${count} problems`;
  writeSync(1, `${file.path}: ${grouped(insns)} instructions, hash of the values ${checker.digest}, ${found}\n`);
  for (const problem of problems) writeSync(1, `${problem}\n`);
  if (damage !== undefined) writeSync(1, `${damage}\n`);
  if (note !== undefined) writeSync(2, `everystep: ${file.path}: ${note}\n`);
  return count === 0 ? 0 : 1;
}
