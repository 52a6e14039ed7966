import { RecordingTarget, recordedProgram } from '@everystep/core';
import type { DebugAddress } from '../options/debugAddress.ts';
import { goingThrough, openTimelineAtOnce } from '../record/openTimeline.ts';
import { recordedFileReader } from '../record/recordedFiles.ts';
import { openRecording } from '../record/recordingFolder.ts';
import { Progress } from '../trace/progress.ts';
import { announce, serveDebugger } from './debugSession.ts';
import { GdbLink } from './gdbLink.ts';

/** Lets a debugger move through a recording, until it goes. @returns the exit status @throws UserError */
export async function debugRecording(path: string, at: DebugAddress): Promise<number> {
  const link = await GdbLink.open(at);
  const journal = openRecording(path);
  const program = recordedProgram(journal.header);
  let target: RecordingTarget | undefined;
  const shown = new Progress();
  const timeline = await openTimelineAtOnce(path, journal, (step, of) => {
    if (target === undefined) shown.show(() => goingThrough(step, of));
    else target.look();
  });
  shown.clear();
  target = new RecordingTarget(timeline, journal, program, recordedFileReader(path, journal));
  announce(link, program);
  await serveDebugger(target, link);
  return 0;
}
