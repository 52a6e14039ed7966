import { writeSync } from 'node:fs';
import { UserError } from '@everystep/core';
import { signalStatus } from '../../messages.ts';
import { estimateText } from '../../trace/estimate.ts';
import type { ExportSettings } from '../../trace/exportOptions.ts';
import { Interrupts } from '../../trace/interrupts.ts';
import { checkLevel } from '../../trace/levels.ts';
import { openFormat } from '../../trace/openFormat.ts';
import { closeOutput } from '../../trace/outputFile.ts';
import { grouped, Progress } from '../../trace/progress.ts';
import { openRecording } from '../recordingFolder.ts';
import { estimateRecording } from './estimateRecording.ts';
import { RecordingTracer } from './recordingTrace.ts';

const SIGPIPE = 13;
const STATUS_FAILED = 1;

/** Writes what a trace of the recorded run would have been. @returns the exit status @throws UserError */
export async function exportRecording(path: string, settings: ExportSettings): Promise<number> {
  if (settings.check) throw new UserError(`--check: ${path} is a recording; everystep check-recording checks it`);
  checkLevel(settings);
  const journal = openRecording(path);
  if (settings.from > journal.lastStep) throw new UserError(`--from: the recording has ${grouped(journal.lastStep)} instructions`);
  if (settings.estimate) {
    writeSync(1, `${estimateText(settings.format, await estimateRecording(path, journal, settings))}\n`);
    return 0;
  }
  const tracer = new RecordingTracer(journal, path, { ...settings, disabled: new Set() });
  const output = settings.format === 'none' ? undefined : openFormat(settings);
  const progress = new Progress();
  const interrupts = new Interrupts(() => false);
  const { result, missed, counted } = await tracer.trace(output, async (step) => {
    progress.show(() => `${grouped(step)} steps of ${grouped(journal.lastStep)}`);
    // Node tells of signals when the event loop turns.
    await new Promise((resolve) => setImmediate(resolve));
    return interrupts.signal !== undefined;
  });
  interrupts.letThrough();
  progress.clear();
  if (result.bug !== undefined) throw new Error(`in the trace worker: ${result.bug}`);
  if (output !== undefined) closeOutput(output);
  if (result.failure?.code === 'EPIPE') return signalStatus(SIGPIPE);
  if (result.failure !== undefined) {
    writeSync(2, `everystep: cannot write ${output?.name}: ${result.failure.text}\n`);
    return STATUS_FAILED;
  }
  if (settings.level === 'count') writeSync(2, `everystep: counted ${grouped(counted)} of ${grouped(journal.lastStep)} instructions\n`);
  for (const each of missed) writeSync(2, `everystep: ${each}\n`);
  if (journal.end === undefined) writeSync(2, `everystep: ${path}: the recording is incomplete: whoever made it was interrupted\n`);
  return interrupts.signal === undefined ? 0 : signalStatus(interrupts.signal);
}
