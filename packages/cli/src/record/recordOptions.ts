import { UserError } from '@everystep/core';
import { optionHelp } from '../options/help.ts';
import { LIMIT_OPTIONS } from '../options/limitOptions.ts';
import { parseSize } from '../options/numbers.ts';
import type { OptionRow } from '../options/optionTable.ts';
import { defaultRunSettings, ENGINE_OPTIONS, PROCESS_OPTIONS, type RunSettings } from '../options/runOptions.ts';
import { SANDBOX_OPTIONS } from '../options/sandboxOptions.ts';
import { DEFAULT_RECORDING } from './recordingFolder.ts';

/** What the options of `everystep record` say. */
export interface RecordSettings extends RunSettings {
  folder: string;
  /** Most bytes of the recording; Infinity: any number. */
  maxSize: number;
  makesIndex: boolean;
}

export const defaultRecordSettings = (): RecordSettings => ({
  ...defaultRunSettings(),
  folder: DEFAULT_RECORDING,
  maxSize: Number.POSITIVE_INFINITY,
  makesIndex: false,
});

const group = 'The recording';

const ALL_PROCESSES =
  'a recording has all processes: what they do to each other is made again by running them, so that none can be left out; ' +
  'everystep export --process=NAME shows one of them';

const RECORDING: readonly OptionRow<RecordSettings>[] = [
  {
    names: ['o'],
    argument: 'folder',
    group,
    help: `where the recording goes (default: ${DEFAULT_RECORDING}); one that is there already is replaced`,
    state: 'done',
    apply: (s, value) => {
      s.folder = value;
    },
  },
  {
    names: ['max-size'],
    argument: 'size',
    equals: true,
    group,
    help: "about so many bytes of recording, as 500M or 2G, but no fewer than the program's files take; then it runs on without being recorded",
    state: 'done',
    apply: (s, value) => {
      s.maxSize = parseSize(value);
    },
  },
  {
    names: ['index'],
    group,
    help: 'make the index, too, once the program has ended: the first question makes it otherwise',
    state: 'done',
    apply: (s) => {
      s.makesIndex = true;
    },
  },
  {
    names: ['trace-children'],
    equals: true,
    group,
    help: 'record the processes that the program makes, too, and what they execute: always so',
    state: 'done',
    apply: (_, value) => {
      if (!['', 'yes', 'no'].includes(value)) throw new UserError(`'${value}' is neither yes nor no`);
      if (value === 'no') throw new UserError(ALL_PROCESSES);
    },
  },
];

function recordHelp(rows: readonly OptionRow<RecordSettings>[]): string {
  return [
    'usage: everystep record [options] PROGRAM [arguments]',
    '',
    'Runs a program, with all the processes and threads that it makes, and writes down what comes to it from outside: results',
    'of system calls and what they wrote to its memory, signals, time, randomness. From that, any instruction and any value',
    'of the run can be had again. Options end at PROGRAM.',
    '',
    optionHelp(rows),
    'Examples:',
    '  everystep record ./hello',
    '  everystep record -o crash.recording -L /usr/aarch64-linux-gnu ./server --port 80',
    '  everystep replay crash.recording',
    '',
    "The exit status is the program's; 1 if the recording could not be written, 124 if --max-steps or --timeout ended the run.",
    '',
  ].join('\n');
}

/** The options of `everystep record`. */
export function recordOptions(): readonly OptionRow<RecordSettings>[] {
  const rows: readonly OptionRow<RecordSettings>[] = [
    ...PROCESS_OPTIONS,
    ...LIMIT_OPTIONS,
    ...SANDBOX_OPTIONS,
    ...ENGINE_OPTIONS,
    ...RECORDING,
    { names: ['h', 'help'], group: 'About', help: 'show this help', state: 'done', print: () => recordHelp(rows) },
  ];
  return rows;
}
