import { writeSync } from 'node:fs';
import { checkJournal, type JournalFacts, type JournalReader, RecordingDamage, type RunEnd } from '@everystep/core';
import { parseOperand } from '../options/parseOperands.ts';
import { openRecording } from '../record/recordingFolder.ts';
import { withHelp } from '../record/subcommandOptions.ts';
import { grouped, readableSize } from '../trace/progress.ts';

interface CheckSettings {
  json: boolean;
}

const OPTIONS = withHelp<CheckSettings>(
  [
    'usage: everystep check-recording [options] RECORDING',
    '',
    'Checks that a recording, a folder or what everystep pack made of it, is whole and fits together: sums of its parts, entries',
    'in the order of steps, each naming what there is. Shows what it holds, how the run ended, what the program was given, and',
    "what does not hold, the first thing of each part. Nothing is executed: that is 'everystep replay'.",
  ],
  [
    {
      names: ['json'],
      group: 'Output',
      help: 'write one JSON object: all that is shown, with the state of each part',
      state: 'done',
      apply: (s) => {
        s.json = true;
      },
    },
  ],
  ['The exit status is 1 if something does not hold, 2 if it is no recording. One whose making was interrupted is checked as far', 'as it goes.'],
);

const STATUS_DAMAGED = 1;

/**
 * `everystep check-recording`: checks a recording.
 * @param argv what follows `check-recording`
 * @returns the exit status
 */
export async function checkRecordingCommand(argv: readonly string[]): Promise<number> {
  const settings: CheckSettings = { json: false };
  const path = parseOperand('everystep check-recording', 'recording', OPTIONS, settings, argv);
  if (path === undefined) return 0;
  try {
    const journal = openRecording(path);
    const facts = checkJournal(journal);
    writeSync(1, settings.json ? jsonOf(path, journal, facts) : textOf(path, journal, facts));
    return facts.problems.length === 0 ? 0 : STATUS_DAMAGED;
  } catch (error) {
    if (!(error instanceof RecordingDamage)) throw error;
    writeSync(1, settings.json ? `${JSON.stringify({ recording: path, whole: false, problems: [error.message] })}\n` : `${path}: ${error.message}\n`);
    return STATUS_DAMAGED;
  }
}

function textOf(path: string, { header, end, lastStep, bytes, size }: JournalReader, { entries, calls, inputBytes, problems }: JournalFacts): string {
  const { began, version, cpu, runtime, workingDirectory, environment, files } = header;
  const lines = [
    `program       ${header.argv.join(' ')}`,
    ...(header.argv[0] === header.program ? [] : [`file          ${header.program}`]),
    `folder        ${workingDirectory}`,
    ...environment.map((assignment, i) => `${i === 0 ? 'environment' : ''.padEnd(11)}   ${assignment}`),
    `recorded      ${new Date(began).toISOString()}, ${version.split('\n', 1)[0]}, CPU ${cpu}`,
    ...(runtime === undefined ? [] : [`              ${runtime}`]),
    `instructions  ${grouped(lastStep)}`,
    `entries       ${grouped(entries)}, ${grouped(calls)} of them system calls`,
    `input         ${readableSize(inputBytes)} written to memory`,
    ...(files === undefined ? [] : [`files         ${files.join(' ')}`]),
    `end           ${endText(end, lastStep)}`,
    ...problems.map((problem) => `wrong         ${problem}`),
    ...(end === undefined && bytes < size ? [`incomplete    the last ${size - bytes} bytes are part of something, and not used`] : []),
    problems.length === 0 ? `${path} is whole${end === undefined ? ' as far as it goes' : ''}` : `${path} is damaged`,
  ];
  return `${lines.join('\n')}\n`;
}

function endText(end: RunEnd | undefined, lastStep: number): string {
  if (end === undefined) return `incomplete: whoever made it was interrupted; what is behind step ${grouped(lastStep)} is missing`;
  if (end.kind === 'exit') return `exit status ${end.status}`;
  return end.kind === 'signal' ? `signal ${end.signal}` : `stopped by ${end.why}`;
}

function jsonOf(path: string, { header, end, lastStep, bytes, size }: JournalReader, { problems, ...facts }: JournalFacts): string {
  const { registers, ...told } = header;
  return `${JSON.stringify({
    recording: path,
    whole: problems.length === 0,
    complete: end !== undefined,
    ...told,
    began: new Date(header.began).toISOString(),
    instructions: lastStep,
    ...facts,
    ...(end === undefined ? {} : { end }),
    bytes: size,
    unusedBytes: end === undefined ? size - bytes : 0,
    problems,
  })}\n`;
}
