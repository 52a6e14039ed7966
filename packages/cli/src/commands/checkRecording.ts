import { writeSync } from 'node:fs';
import { checkJournal, type JournalReader, RecordingDamage, UserError } from '@everystep/core';
import { parseOptions } from '../options/parseOptions.ts';
import { openRecording } from '../record/recordingFolder.ts';
import { withHelp } from '../record/subcommandOptions.ts';
import { grouped, readableSize } from '../trace/progress.ts';

const OPTIONS = withHelp<object>(
  [
    'usage: everystep check-recording RECORDING',
    '',
    'Checks that a recording, a folder or what everystep pack made of it, is whole and fits together: sums of its parts, entries',
    'in the order of steps, each naming what there is. Shows what it holds, how the run ended, and what does not hold, the first',
    "thing of each part. Nothing is executed: that is 'everystep replay'.",
  ],
  [],
  ['The exit status is 1 if something does not hold, 2 if it is no recording. One whose making was interrupted is checked as far', 'as it goes.'],
);

const STATUS_DAMAGED = 1;

/**
 * `everystep check-recording`: checks a recording.
 * @param argv what follows `check-recording`
 * @returns the exit status
 */
export async function checkRecordingCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseOptions('everystep check-recording', OPTIONS, {}, argv, {});
  if (parsed.kind === 'print') {
    writeSync(1, parsed.text);
    return 0;
  }
  const [path, more] = parsed.rest;
  if (path === undefined) throw new UserError('no recording given (everystep check-recording -h shows how)');
  if (more !== undefined) throw new UserError(`one recording at a time: '${more}' is one too many`);
  try {
    return check(openRecording(path), path);
  } catch (error) {
    if (!(error instanceof RecordingDamage)) throw error;
    writeSync(1, `${path}: ${error.message}\n`);
    return STATUS_DAMAGED;
  }
}

function check(journal: JournalReader, path: string): number {
  const { header, end, lastStep } = journal;
  const { entries, calls, inputBytes, problems } = checkJournal(journal);
  const lines = [
    `program       ${header.argv.join(' ')}`,
    `recorded      ${new Date(header.began).toISOString()}, ${header.version.split('\n', 1)[0]}, CPU ${header.cpu}`,
    `instructions  ${grouped(lastStep)}`,
    `entries       ${grouped(entries)}, ${grouped(calls)} of them system calls`,
    `input         ${readableSize(inputBytes)} written to memory`,
    ...(header.files === undefined ? [] : [`files         ${header.files.join(' ')}`]),
    `end           ${endText(journal)}`,
    ...problems.map((problem) => `wrong         ${problem}`),
    ...(end === undefined && journal.bytes < journal.size
      ? [`incomplete    the last ${journal.size - journal.bytes} bytes are part of something, and not used`]
      : []),
  ];
  writeSync(1, `${lines.join('\n')}\n`);
  writeSync(1, problems.length === 0 ? `${path} is whole${end === undefined ? ' as far as it goes' : ''}\n` : `${path} is damaged\n`);
  return problems.length === 0 ? 0 : STATUS_DAMAGED;
}

function endText({ end, lastStep }: JournalReader): string {
  if (end === undefined) return `incomplete: whoever made it was interrupted; what is behind step ${grouped(lastStep)} is missing`;
  if (end.kind === 'exit') return `exit status ${end.status}`;
  return end.kind === 'signal' ? `signal ${end.signal}` : `stopped by ${end.why}`;
}
