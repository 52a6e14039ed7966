import { statSync, writeSync } from 'node:fs';
import { UserError } from '@everystep/core';
import { parseUnsigned } from '../options/numbers.ts';
import { parseOperand } from '../options/parseOperands.ts';
import { indexPath } from '../record/indexing/indexStore.ts';
import { openTimeline } from '../record/openTimeline.ts';
import { openRecording } from '../record/recordingFolder.ts';
import { withHelp } from '../record/subcommandOptions.ts';
import { grouped, readableSize } from '../trace/progress.ts';

interface IndexSettings {
  rebuild: boolean;
  threads: number | undefined;
}

/** Each has a machine of its own. */
const MOST_THREADS = 64;
const GROUP = 'The index';

const OPTIONS = withHelp<IndexSettings>(
  [
    'usage: everystep index [options] RECORDING',
    '',
    'Makes the index of a recording, a folder or what everystep pack made of it, that the first question makes otherwise: it is',
    'kept in the folder, or beside the file, and can be removed at any time. Several threads go through the recording, each',
    'through a part of it.',
  ],
  [
    {
      names: ['rebuild'],
      group: GROUP,
      help: 'make it anew, if there is one',
      state: 'done',
      apply: (s) => {
        s.rebuild = true;
      },
    },
    {
      names: ['jobs'],
      argument: 'number',
      equals: true,
      group: GROUP,
      help: 'so many threads (default: half as many as there are cores, 3 at most; 1 for a short recording); each takes as much memory as one',
      state: 'done',
      apply: (s, value) => {
        const number = parseUnsigned(value);
        if (number === undefined || number < 1n || number > BigInt(MOST_THREADS)) throw new UserError(`'${value}' is no number from 1 to ${MOST_THREADS}`);
        s.threads = Number(number);
      },
    },
  ],
  ['^C leaves what was there before. The exit status is 0, 1 if the index could not be written, 2 if it is no recording, or damaged.'],
);

const STATUS_FAILED = 1;

/**
 * `everystep index`: makes a recording's index.
 * @param argv what follows `index`
 * @returns the exit status
 */
export async function makeIndexCommand(argv: readonly string[]): Promise<number> {
  const settings: IndexSettings = { rebuild: false, threads: undefined };
  const path = parseOperand('everystep index', 'recording', OPTIONS, settings, argv);
  if (path === undefined) return 0;
  return makeIndexOf(path, settings);
}

/** Makes a recording's index if there is none, and says what has been made. @returns the exit status @throws UserError */
export async function makeIndexOf(path: string, options: Partial<IndexSettings> = {}): Promise<number> {
  const journal = openRecording(path);
  const before = timeOf(path);
  await openTimeline(path, { journal, ...options });
  const file = indexPath(path);
  const made = timeOf(path);
  if (made === undefined || (options.rebuild === true && made === before)) return STATUS_FAILED;
  const { size } = statSync(file);
  const bits = ((8 * size) / Math.max(journal.lastStep, 1)).toPrecision(2);
  const what = made === before ? 'there is an index already' : 'made the index';
  writeSync(2, `everystep: ${what}: ${file}, ${readableSize(size)} for ${grouped(journal.lastStep)} instructions (${bits} bits for each)\n`);
  return 0;
}

/** When a recording's index was written; undefined: there is none. */
function timeOf(path: string): bigint | undefined {
  return statSync(indexPath(path), { bigint: true, throwIfNoEntry: false })?.mtimeNs;
}
