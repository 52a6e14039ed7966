import type { EventPlace } from '../../record/index.ts';

/**
 * Where a recording is for a debugger, and what has been told of there. Within a step, what happens besides instructions is in
 * order, see RecordedEvent.
 */
export interface StopPlace extends EventPlace {
  /** -1: an instruction is done, and nothing besides. A whole number: behind the pause with this number. Infinity: all of the step has happened. */
  readonly order: number;
  /** What has been told at the place, see Told. */
  readonly told: number;
}

/** What there may be to tell at one place, in the order of the run. */
export const Told = {
  /** An access of the instruction before: it has not been undone. Going backwards only. */
  accessBehind: -1,
  /** A breakpoint, or a step's end, or nothing. */
  breakpoint: 0,
  /** An access of the instruction that comes next; a signal; a new or another process. */
  access: 1,
  event: 1,
  /** A system call, before or behind it. */
  call: 2,
  /** The end of what is debugged. */
  end: 3,
} as const;

/** All of a step has happened, and nothing been told. */
export const placeOf = (step: number, told: number = Told.breakpoint): StopPlace => ({ step, order: Number.POSITIVE_INFINITY, told });

/** Below 0 if `a` comes before `b`, 0 if they are the same. */
export function comparePlaces(a: StopPlace, b: StopPlace): number {
  if (a.step !== b.step) return a.step - b.step;
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  return a.told - b.told;
}

export const isWhole = ({ order }: StopPlace): boolean => order === Number.POSITIVE_INFINITY;
