import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Timeline } from '../../packages/core/src/index.ts';
import { buildPrograms } from '../programs/build.mjs';
import { openTimeline, type RecordedProgram, recordProgram, startProgram } from './recordedProgram.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-code-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Stretches of so many steps. */
const options = { firstStretch: 20_000, now: () => 0 };

/** What `damage` leaves of the index of one, taken by another. */
function reopened(recorded: RecordedProgram, made: Timeline, build: string, damage = (part: Uint8Array): Uint8Array => part): Timeline {
  const parts = Array.from(made.save(), (bytes) => bytes.slice());
  const timeline = openTimeline(recorded, { ...options, build });
  // The first part has code.
  timeline.restore({ table: parts[parts.length - 1], part: (number) => (number === 0 ? damage(parts[0]) : parts[number]) });
  return timeline;
}

it('code that is kept with the index need not be made again, and what is damaged, or of another build, is made', () => {
  const program = buildPrograms().find(({ name }) => name === 'qsort');
  const recorded = recordProgram(startProgram(program?.path ?? 'qsort'));
  const first = openTimeline(recorded, { ...options, build: 'this' });
  first.complete();
  const damaged = (part: Uint8Array): Uint8Array => part.map((byte, i) => (i > part.length / 2 && i % 200 === 199 ? byte ^ 16 : byte));
  const lost = (): never => {
    throw new Error('nothing can be read');
  };
  const timelines = {
    kept: reopened(recorded, first, 'this'),
    damaged: reopened(recorded, first, 'this', damaged),
    lost: reopened(recorded, first, 'this', lost),
    other: reopened(recorded, first, 'other'),
  };
  const { lastStep } = first;
  const at = Math.floor(lastStep / 2);
  first.seek(at);
  const { pc } = first.replayer.machine;
  const previous = first.previous({ kind: 'execute', pc }, { to: at });
  for (const timeline of Object.values(timelines)) {
    timeline.seek(at);
    expect(timeline.replayer.machine.pc).toBe(pc);
    expect(timeline.previous({ kind: 'execute', pc }, { to: at })).toEqual(previous);
    // Sums in the journal are compared on the way.
    timeline.seek(lastStep);
  }
  const restored = Object.fromEntries(Object.entries(timelines).map(([name, { replayer }]) => [name, replayer.machine.statistics.coldBlocksRestored]));
  const { coldBlocks, coldBlocksRestored } = timelines.kept.replayer.machine.statistics;
  expect(coldBlocksRestored).toBeGreaterThan(coldBlocks);
  expect(restored).toMatchObject({ lost: 0, other: 0 });
  expect(restored.damaged).toBeGreaterThan(0);
  expect(restored.damaged).toBeLessThan(coldBlocksRestored);
});
