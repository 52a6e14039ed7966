import { optionHelp } from '../options/help.ts';
import { parseCount } from '../options/numbers.ts';
import type { OptionRow } from '../options/optionTable.ts';
import { defaultRunSettings, ENGINE_OPTIONS, PLUGIN_OPTIONS, type RunSettings } from '../options/runOptions.ts';
import { DEFAULT_RECORDING } from './recordingFolder.ts';

/** What the options of `everystep replay` say. */
export interface ReplaySettings extends RunSettings {
  readonly folder: string;
  to: number;
  showsOutput: boolean;
}

export const defaultReplaySettings = (): ReplaySettings => ({
  ...defaultRunSettings(),
  folder: DEFAULT_RECORDING,
  to: Number.POSITIVE_INFINITY,
  showsOutput: true,
});

const REPLAY: readonly OptionRow<ReplaySettings>[] = [
  {
    names: ['to'],
    argument: 'step',
    equals: true,
    group: 'The replay',
    help: 'end before this step; a step is the number of instructions completed before',
    state: 'done',
    apply: (s, value) => {
      s.to = parseCount(value);
    },
  },
  {
    names: ['quiet'],
    group: 'The replay',
    help: 'do not show what the program writes to standard output and error',
    state: 'done',
    apply: (s) => {
      s.showsOutput = false;
    },
  },
];

function replayHelp(rows: readonly OptionRow<ReplaySettings>[]): string {
  return [
    'usage: everystep replay [options] [RECORDING]',
    '',
    'Runs a recording again: each instruction is executed, with nothing of this machine but the recording, and compared by',
    `sums of registers and memory with the recorded run. RECORDING is ${DEFAULT_RECORDING} by default.`,
    '',
    optionHelp(rows),
    '-d knows plugin and nochain here; everystep export and syscalls tell what else -d would log.',
    '',
    "The exit status is 0 if it did what was recorded, or a plugin's if that ended it; 2 if it is no recording, or damaged; 70 if",
    'it did something else, which would be a bug of everystep.',
    '',
  ].join('\n');
}

/** The options of `everystep replay`. */
export function replayOptions(): readonly OptionRow<ReplaySettings>[] {
  const rows: readonly OptionRow<ReplaySettings>[] = [
    ...REPLAY,
    ...PLUGIN_OPTIONS.filter(({ names }) => ['plugin', 'd', 'D'].includes(names[0])),
    ...ENGINE_OPTIONS,
    { names: ['h', 'help'], group: 'About', help: 'show this help', state: 'done', print: () => replayHelp(rows) },
  ];
  return rows;
}
