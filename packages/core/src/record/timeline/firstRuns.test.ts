import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../base/index.ts';
import { FirstRuns } from './firstRuns.ts';

const NEVER = Number.POSITIVE_INFINITY;
const firstOf = (runs: FirstRuns): number[] => [0x0ffc, 0x1000, 0x1004, 0x100c, 0x1010, 0x1014].map((pc) => runs.of(pc));

it('tell the first stretch in which any block with an instruction was translated, before and behind a file, and of two parts', () => {
  const runs = new FirstRuns();
  runs.translated(0x1000, 16, 7);
  runs.translated(0x1004, 4, 4);
  runs.translated(0x1010, 4, 9);
  expect(firstOf(runs)).toEqual([NEVER, 7, 4, 7, 9, NEVER]);
  // A shorter one at the same pc, earlier: all that begins there may have run.
  runs.translated(0x1000, 4, 5);
  expect(firstOf(runs)).toEqual([NEVER, 5, 4, 5, 9, NEVER]);
  const out = new ByteWriter();
  runs.write(out);
  const read = new FirstRuns();
  read.read(new ByteReader(out.copy()), 0);
  read.read(new ByteReader(out.copy()), 100);
  expect(firstOf(read)).toEqual(firstOf(runs));
  runs.thin();
  expect(firstOf(runs)).toEqual([NEVER, 2, 2, 2, 4, NEVER]);
  runs.clear();
  expect(firstOf(runs)).toEqual([NEVER, NEVER, NEVER, NEVER, NEVER, NEVER]);
});
