import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAArch64, type MachineOptions, OPTIMISATIONS, Replayer } from '../../packages/core/src/index.ts';
import { buildPrograms } from '../programs/build.mjs';
import { openJournal, type RecordedProgram, recordProgram, startProgram } from './recordedProgram.ts';

type Mode = Omit<MachineOptions, 'guest' | 'syscall'>;

const root = join(import.meta.dirname, '../..');
const built = [...buildPrograms(), ...buildPrograms(join(root, 'tests/syscalls/programs'), join(root, '.build/syscalls'))];

/** Code gets hot at once, or it would have few of the optimisations. */
const HOT: Mode = { runsUntilHot: 2 };
const MODES: readonly (readonly [name: string, mode: Mode])[] = [
  ['all optimisations', {}],
  ['hot code', HOT],
  ...Object.keys(OPTIMISATIONS).map((name) => [`hot code without ${name}`, { ...HOT, disabled: new Set([name]) }] as const),
  ['no optimisation', { disabled: new Set(Object.keys(OPTIMISATIONS)) }],
  ['one instruction a block', { oneInsnPerBlock: true }],
  ['no chaining', { noChain: true }],
];

/** Of modes, what matters to processes that share code. */
const SHARED = /^(all|no |one )|shared-code|cold-|loop-entries/;

describe.each([
  // Loops, calls, floating point and vectors.
  ['doubles', MODES],
  ['forkedLoops', MODES.filter(([name]) => SHARED.test(name))],
] as const)('a recording of %s', (name, modes) => {
  const path = built.find((program) => program.name === name)?.path ?? name;
  const record = (mode: Mode): RecordedProgram => recordProgram(startProgram(path, [path], mode));
  const recorded = record(HOT);

  /** Sums of registers and memory are compared on the way. */
  function replay({ bytes, steps }: RecordedProgram, mode: Mode): void {
    const replayer = new Replayer({ guest: createAArch64('max'), journal: openJournal(bytes), machine: mode });
    expect(replayer.run()).toBe('end');
    expect(replayer.steps).toBe(steps);
  }

  it.each(modes)('replays with %s', (_, mode) => replay(recorded, mode));

  it.each(modes)('made with %s replays with all optimisations', (_, mode) => {
    const other = record(mode);
    expect(other.output.equals(recorded.output)).toBe(true);
    replay(other, {});
  });
});
