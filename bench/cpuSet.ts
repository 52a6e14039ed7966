import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type BuiltProgram, buildPrograms, listPrograms } from '../tests/programs/build.mjs';
import { hasHostCompiler, outputOf } from './command.ts';
import type { Subject } from './subject.ts';

const SOURCES = 'bench/programs';
const NATIVE = '.build/bench-native';

/** A kind that is measured beside the others and left out of their mean: it is the kernel's work, not the program's. */
export const SYSTEM_KIND = 'syscalls';

/** The kind that a program's first comment gives. @throws Error if there is none */
export function kindOf(source: string): string {
  const kind = /^.*\bkind: (\w+)/m.exec(source)?.[1];
  if (kind === undefined) throw new Error('the program does not say its kind');
  return kind;
}

const modified = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Builds a program for the host. @returns its path; undefined if it is written for one CPU */
export function buildNative(name: string, source: string, flags: readonly string[]): string | undefined {
  if (flags.some((flag) => flag.startsWith('-march='))) return undefined;
  mkdirSync(NATIVE, { recursive: true });
  const path = join(NATIVE, name);
  if (modified(path) <= modified(source)) outputOf(['cc', ...flags, '-std=gnu11', '-w', source, '-o', path]);
  return path;
}

/** The small programs, each about one kind of work. */
export function cpuSubjects(only: RegExp): Subject[] {
  if (!listPrograms(SOURCES).some(({ name }) => only.test(name))) return [];
  const isHostBuilt = hasHostCompiler();
  const subject = ({ name, source, flags, path }: BuiltProgram): Subject => {
    const native = isHostBuilt ? buildNative(name, source, flags) : undefined;
    return { set: 'cpu', name, kind: kindOf(readFileSync(source, 'utf8')), guest: [path], native: native === undefined ? undefined : [native] };
  };
  const subjects = buildPrograms(SOURCES, '.build/bench').filter(({ name }) => only.test(name));
  return subjects.map(subject).sort((a, b) => (a.kind === b.kind ? 0 : a.kind < b.kind ? -1 : 1));
}
