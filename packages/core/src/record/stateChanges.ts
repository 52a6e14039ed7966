import type { ByteReader, ByteWriter } from '../base/index.ts';
import { STATE, type StateCopy } from '../engine/index.ts';
import type { StateLayout } from '../ir/index.ts';

/**
 * Words that hold the condition flags, the first of each state: how flags stand there depends on how code was translated, and
 * only all of them together say what they are. So they are one change.
 */
export const FLAG_WORDS = 6;

/** Words that differ are told in runs; so many equal ones between do not end one. */
const GAP = 2;

/** The CPU state, and where it differs from another. */
export type StateDifferences = Pick<StateCopy, 'words' | 'next'>;

/** Where a thread's registers, in words, differ from another's. */
export const differencesTo = (other: Int32Array, words: Int32Array): StateDifferences => ({
  words,
  next: (from) => {
    let at = from;
    while (at < words.length && words[at] === other[at]) at++;
    return at;
  },
});

/**
 * Appends what of the CPU state differs: operands of Op.state.
 * @returns false, having appended nothing, if nothing does
 */
export function writeStateChanges(out: ByteWriter, code: number, state: StateDifferences): boolean {
  const now = state.words;
  let i = state.next(0);
  if (i === now.length) return false;
  const ranges: [start: number, end: number][] = [];
  for (; i < now.length; i = state.next(i)) {
    const start = i < FLAG_WORDS ? 0 : i;
    i = i < FLAG_WORDS ? FLAG_WORDS : i + 1;
    const last = ranges.at(-1);
    if (last !== undefined && start - last[1] <= GAP) last[1] = i;
    else ranges.push([start, i]);
  }
  out.byte(code);
  out.u32(ranges.length);
  let at = 0;
  for (const [start, end] of ranges) {
    out.u32(start - at);
    out.u32(end - start);
    for (let i = start; i < end; i++) out.fixed32(now[i]);
    at = end;
  }
  return true;
}

/** Makes the changes that `writeStateChanges` told. */
export function applyStateChanges(reader: ByteReader, state: Int32Array): void {
  let at = 0;
  for (let ranges = reader.u32(); ranges > 0; ranges--) {
    at += reader.u32();
    for (let words = reader.u32(); words > 0; words--) state[at++] = reader.fixed32();
  }
}

/** A view of the CPU state in linear memory. */
export function stateWords(memory: { readonly i32: Int32Array }, { size }: StateLayout): Int32Array {
  return memory.i32.subarray(STATE >> 2, (STATE + size) >> 2);
}
