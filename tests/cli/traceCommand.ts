import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { BuiltCommand, type Outcome } from './command.ts';

export const SUM = 'examples/sum/sum';

/** What tests of traces share: the command, a folder that is removed at the end, and the programs of tests/programs. */
export interface TraceCommand {
  /** The file that users start. */
  readonly path: string;
  /** Runs the command. */
  run(...args: readonly string[]): Outcome;
  trace(...args: readonly string[]): Outcome;
  /** The path of a program. */
  program(name: string): string;
  /** A path in the folder. */
  file(name: string): string;
}

/** To be called once in a test file. */
export function useTraceCommand(): TraceCommand {
  let everystep: BuiltCommand | undefined;
  let folder = '';
  let programs = new Map<string, string>();
  beforeAll(() => {
    everystep = new BuiltCommand();
    folder = mkdtempSync(join(tmpdir(), 'everystep-trace-'));
    programs = new Map(buildPrograms().map(({ name, path }) => [name, path]));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const command = (): BuiltCommand => everystep as BuiltCommand;
  return {
    get path() {
      return command().path;
    },
    run: (...args) => command().run(args),
    trace: (...args) => command().run(['trace', ...args]),
    program: (name) => programs.get(name) ?? name,
    file: (name) => join(folder, name),
  };
}

export const lines = (text: string): string[] => text.trimEnd().split('\n');
/** Lines of instructions, without those of events and of the program itself. */
export const executed = (text: string): string[] => lines(text).filter((line) => /^ *\d+ {2}0x/.test(line));
/** Steps and addresses of lines of text. */
export const placesOf = (text: string): string[] => executed(text).map((line) => line.trim().split(/\s+/).slice(0, 2).join(' '));
