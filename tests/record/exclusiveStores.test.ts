import { expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { BruteForceTrace } from './bruteForceTrace.ts';
import { openTimeline, recordProgram, startProgram } from './recordedProgram.ts';

// Store-exclusives are the only writes for which code that sets marks calls back, too, as they may fail. Random questions found both.

const recorded = recordProgram(startProgram(buildPrograms().find(({ name }) => name === 'atomics')?.path ?? ''));
const trace = new BruteForceTrace(recorded);
const written = [...new Set(trace.accesses.filter(({ kind }) => kind === 'write').map(({ address }) => address))];

it('one that has failed is no write, where more bytes are asked for than it has, either', () => {
  const timeline = openTimeline(recorded);
  // It was told of as an access of no bytes, which was within what was asked for, if that began before.
  for (const address of written.map((each) => each - 2)) {
    const hits = timeline.find({ kind: 'access', address, bytes: 12, reads: false, writes: true }).map(({ step }) => step);
    const wanted = trace.accesses.filter((access) => access.kind !== 'read' && access.address < address + 12 && address < access.address + access.data.length);
    expect({ address, hits }).toEqual({ address, hits: [...new Set(wanted.map(({ step }) => step))] });
  }
});

it('one is not found that a question before was about', () => {
  const timeline = openTimeline(recorded);
  const calls = trace.calls.map(({ step }) => step);
  for (const address of written.map((each) => each + 4)) {
    // No byte was looked for from this address on, which code took for the bytes before.
    timeline.find({ kind: 'access', address, bytes: 1, reads: false, writes: true });
    expect({ address, calls: timeline.find({ kind: 'syscall' }).map(({ step }) => step) }).toEqual({ address, calls });
  }
});
