import { type Entry, EntryCursor, EntryKind, Outcome, readCallSums } from './journal/entries.ts';
import type { JournalReader } from './journal/journalReader.ts';

/** What sums are of. */
export type Summed = 'registers' | 'memory';

/**
 * Up to where a replay has been seen to do what the recorded run did: the last step with sums before another one.
 * @param frame number of the journal's frame where the replay is @returns undefined if there are none
 */
export function lastSumsBefore(journal: JournalReader, frame: number, step: number, of: Summed): number | undefined {
  for (let number = Math.min(frame, journal.frameCount - 1); number >= 0; number--) {
    let last: number | undefined;
    for (const cursor = new EntryCursor(journal.entries(number), { step: journal.stepOf(number), position: 0 }); !cursor.atEnd; ) {
      const entry = cursor.next();
      if (entry.step >= step) break;
      if (hasSums(entry, of)) last = entry.step;
    }
    if (last !== undefined) return last;
  }
  return undefined;
}

function hasSums({ kind, rest }: Entry, of: Summed): boolean {
  if (kind === EntryKind.check) return of === 'registers' || rest.bytes(5)[4] === 1;
  if (kind !== EntryKind.call || of === 'memory') return false;
  rest.u32();
  if (rest.byte() === Outcome.exit) rest.u32();
  return readCallSums(rest) !== undefined;
}
