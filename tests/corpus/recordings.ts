import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CorpusProgram } from './programs.ts';
import { compare, type Outcome, runCommand, runProgram, type Setting } from './run.ts';

/** How recordings are made. */
export interface Recordings {
  /** everystep's, without a subcommand. */
  readonly command: readonly string[];
  /** Options of both subcommands. */
  readonly switches: readonly string[];
  /** Where each recording goes, and is removed from. */
  readonly folder: string;
}

/** What came of recording a program, and of replaying that. */
export interface RecordedOutcome {
  readonly live: Outcome;
  /** Undefined: the program did not end in time, so that there is nothing to replay. */
  readonly replay: Outcome | undefined;
  /** As record and replay print it; undefined where they did not. */
  readonly instructions: string | undefined;
  readonly replayedInstructions: string | undefined;
  /** Of the recording. */
  readonly bytes: number;
}

/** Records a program of the corpus, and replays the recording. @param options of the program's process */
export function recordProgram(recordings: Recordings, options: readonly string[], path: string, program: CorpusProgram, setting: Setting): RecordedOutcome {
  const { command, switches, folder } = recordings;
  const live = runProgram([...command, 'record', ...switches, '-o', folder, ...options], path, program, setting);
  try {
    const replay = live.status === undefined ? undefined : runCommand([...command, 'replay', ...switches, folder], setting);
    return {
      live,
      replay,
      instructions: / recorded all ([\d,]+) instructions to /.exec(live.errors)?.[1],
      replayedInstructions: / replayed all ([\d,]+) instructions: /.exec(replay?.errors ?? '')?.[1],
      bytes: statSync(join(folder, 'journal')).size,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How what came of recording and replaying compares with what is right. */
export function judge({ live, replay, instructions, replayedInstructions }: RecordedOutcome, expected: Outcome): string {
  const state = compare(live, expected);
  if (state !== 'ok' || replay === undefined) return state;
  if (replay.status === undefined) return 'replay hangs';
  if (replay.status !== 0) return `replay: ${replay.errors.trimEnd().split('\n').at(-1)}`;
  if (!replay.stdout.equals(live.stdout)) return 'replay: other output';
  return instructions !== undefined && instructions === replayedInstructions ? 'ok' : 'replay: other count';
}
