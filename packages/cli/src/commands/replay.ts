import { writeSync } from 'node:fs';
import { OPTIMISATIONS, outputObserver, Replayer, UserError } from '@everystep/core';
import { parseOptions } from '../options/parseOptions.ts';
import { guestOf } from '../record/openTimeline.ts';
import { openRecording } from '../record/recordingFolder.ts';
import { defaultReplaySettings, replayOptions } from '../record/replayOptions.ts';
import { writeOutput } from '../record/writeOutput.ts';
import { grouped } from '../trace/progress.ts';

/**
 * `everystep replay`: runs a recording again.
 * @param argv what follows `replay`
 * @returns the exit status: 0 if it does what the recorded run did
 */
export async function replayCommand(argv: readonly string[]): Promise<number> {
  const settings = defaultReplaySettings();
  const parsed = parseOptions('everystep replay', replayOptions(), settings, argv, process.env);
  if (parsed.kind === 'print') {
    writeSync(1, parsed.text);
    return 0;
  }
  if (parsed.rest.length > 1) throw new UserError(`one recording at a time, not '${parsed.rest.join(' ')}'`);
  const journal = openRecording(parsed.rest[0] ?? settings.folder);
  for (const name of settings.disabled)
    if (!(name in OPTIMISATIONS)) throw new UserError(`--no-opt: there is no optimisation '${name}'; there are ${Object.keys(OPTIMISATIONS).join(', ')}`);
  const replayer = new Replayer({ guest: guestOf(journal), journal, machine: { disabled: settings.disabled, oneInsnPerBlock: settings.oneInsnPerBlock } });
  if (settings.showsOutput) replayer.observer = outputObserver(replayer, writeOutput());
  replayer.run(settings.to);
  const { end, lastStep } = journal;
  const part = replayer.steps < lastStep ? `${grouped(replayer.steps)} of ${grouped(lastStep)}` : `all ${grouped(lastStep)}`;
  writeSync(2, `everystep: replayed ${part} instructions: the same as recorded\n`);
  if (end === undefined) writeSync(2, 'everystep: the recording is incomplete: whoever made it was interrupted\n');
  return 0;
}
