import { writeSync } from 'node:fs';
import { RecordedFiles, RecordingTarget, recordedProgram } from '@everystep/core';
import type { DebugAddress } from '../options/debugAddress.ts';
import { openTimeline } from '../record/openTimeline.ts';
import { recordedFileReader } from '../record/recordedFiles.ts';
import { openRecording } from '../record/recordingFolder.ts';
import { serveDebugger } from './debugSession.ts';
import { GdbLink } from './gdbLink.ts';

/** Lets a debugger move through a recording, until it goes. @returns the exit status @throws UserError */
export async function debugRecording(path: string, at: DebugAddress): Promise<number> {
  const link = await GdbLink.open(at);
  const program = recordedProgram(openRecording(path).header);
  const target = new RecordingTarget(openTimeline(path), program, new RecordedFiles(program, recordedFileReader(path)));
  writeSync(2, `everystep: waiting for gdb: gdb-multiarch -ex 'target remote ${link.address}' ${program}\n`);
  await serveDebugger(target, link);
  return 0;
}
