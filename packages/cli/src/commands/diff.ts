import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@everystep/core';
import { parseCount } from '../options/numbers.ts';
import { parseOperands } from '../options/parseOperands.ts';
import { pathJson, pathText, stateJson, stateText } from '../record/diff/diffText.ts';
import { type ComparedRun, compareAt, comparePaths, openCompared } from '../record/diff/recordingDiff.ts';
import { openRecording } from '../record/recordingFolder.ts';
import { withHelp } from '../record/subcommandOptions.ts';
import { grouped, Progress } from '../trace/progress.ts';

interface DiffSettings {
  at: readonly [number, number] | undefined;
  isJson: boolean;
}

const OPTIONS = withHelp<DiffSettings>(
  [
    'usage: everystep diff [options] A B',
    '       everystep diff [options] A -- PROGRAM [arguments]',
    '',
    'Compares two recordings: where they first execute different instructions, what registers differed there, and which calls',
    'only one of them makes from there on, aligned so that both go on together where they do the same again. With --at, what',
    'registers and memory differ in between a moment of each. What stands behind -- is recorded first, as everystep record does it',
    '(whose options may be there, too), and compared: another input. What that writes goes to standard error.',
  ],
  [
    {
      names: ['at'],
      argument: 'step:step',
      equals: true,
      group: 'What to compare',
      help: 'the states at this step of A and that step of B; one number for both',
      state: 'done',
      apply: (s, value) => {
        const [a, b = a, ...more] = value.split(':');
        if (more.length > 0) throw new UserError(`'${value}' is not STEP_OF_A:STEP_OF_B`);
        s.at = [parseCount(a), parseCount(b)];
      },
    },
    {
      names: ['json'],
      group: 'Output',
      help: 'write one JSON object: all differences, addresses and values as hexadecimal texts',
      state: 'done',
      apply: (s) => {
        s.isJson = true;
      },
    },
  ],
  [
    'Examples:',
    '  everystep diff good.recording bad.recording',
    '  everystep diff good.recording -- ./program other-input',
    '  everystep diff --at 120_000:120_350 good.recording bad.recording',
    '',
    'The exit status is 0 if nothing differs, 1 if something does, 2 if one is no recording.',
  ],
);

const STATUS_DIFFERENT = 1;

/**
 * `everystep diff`: compares two recordings.
 * @param argv what follows `diff`
 * @returns the exit status
 */
export async function diffCommand(argv: readonly string[]): Promise<number> {
  const dashes = argv.indexOf('--');
  if (dashes < 0) return compare(argv);
  const folder = mkdtempSync(join(tmpdir(), 'everystep-diff-'));
  try {
    const second = join(folder, 'B');
    recordSecond(second, argv.slice(dashes + 1));
    return compare([...argv.slice(0, dashes), second]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Records another run, whose output is not to be mixed with the answer. @param command options of everystep record, program and arguments */
function recordSecond(folder: string, command: readonly string[]): void {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { error, signal } = spawnSync(process.execPath, [process.argv[1], 'record', '-o', folder, ...command], { stdio: ['inherit', 2, 2] });
  if (error !== undefined) throw error;
  try {
    if (signal === null) return void openRecording(folder);
  } catch (why) {
    if (!(why instanceof UserError)) throw why;
  }
  throw new UserError('the second run could not be recorded, so that there is nothing to compare');
}

function compare(argv: readonly string[]): number {
  const settings: DiffSettings = { at: undefined, isJson: false };
  const paths = parseOperands('everystep diff', OPTIONS, settings, argv);
  if (paths === undefined) return 0;
  if (paths.length !== 2) throw new UserError(`give two recordings, not ${paths.length} (everystep diff -h shows how)`);
  const progress = new Progress();
  const show = (step: number, of: number): void => progress.show(() => `${grouped(step)} steps of ${grouped(of)}`);
  const [a, b] = paths.map((path) => openCompared(path, show));
  checkSame(a, b);
  if (settings.at !== undefined) return diffStates(a, b, settings.at, settings.isJson);
  const difference = comparePaths(a, b);
  progress.clear();
  if (settings.isJson)
    return print(`${JSON.stringify(difference === undefined ? null : pathJson(a, b, difference))}\n`, difference === undefined ? 0 : STATUS_DIFFERENT);
  if (difference === undefined) return print(`Both runs execute the same ${grouped(a.replay.lastStep)} instructions.\n`, 0);
  return print(pathText(a, b, difference), STATUS_DIFFERENT);
}

function checkSame(a: ComparedRun, b: ComparedRun): void {
  if (a.journal.header.guest !== b.journal.header.guest) throw new UserError(`${a.path} and ${b.path} are of programs for different CPUs`);
}

function diffStates(a: ComparedRun, b: ComparedRun, steps: readonly [number, number], isJson: boolean): number {
  [a, b].forEach(({ path, replay }, i) => {
    if (steps[i] > replay.lastStep) throw new UserError(`--at: ${path} has ${grouped(replay.lastStep)} instructions, and no step ${grouped(steps[i])}`);
  });
  const difference = compareAt(a, b, steps);
  const isSame = difference.registers.length === 0 && difference.bytes === 0;
  return print(isJson ? `${JSON.stringify(stateJson(difference))}\n` : stateText(difference, steps), isSame ? 0 : STATUS_DIFFERENT);
}

function print(text: string, status: number): number {
  writeSync(1, text);
  return status;
}
