import { WaitQueue } from '../kernel/waiting.ts';
import type { Readiness } from './openFile.ts';

/** Events of poll and epoll (include/uapi/asm-generic/poll.h). */
export const Poll = {
  in: 1,
  priority: 2,
  out: 4,
  error: 8,
  hangUp: 0x10,
  invalid: 0x20,
  readNormal: 0x40,
  readBand: 0x80,
  writeNormal: 0x100,
  writeBand: 0x200,
  readHangUp: 0x2000,
} as const;

/** Those that are told whether one asks for them or not. */
export const ALWAYS_TOLD = Poll.error | Poll.hangUp;

const READABLE = Poll.in | Poll.readNormal;
const WRITABLE = Poll.out | Poll.writeNormal;

/** What poll tells of a file. */
export function pollEvents(ready: Readiness): number {
  let events = 0;
  if (ready.readable) events |= READABLE;
  if (ready.writable) events |= WRITABLE;
  if (ready.error === true) events |= Poll.error;
  if (ready.hangUp) events |= Poll.hangUp;
  if (ready.endOfData === true) events |= Poll.readHangUp;
  return events;
}

/** Reasons to look again at a file that can be waited for. */
export const Change = { data: READABLE, room: WRITABLE, any: -1 } as const;

/** A file's queue, which tells those who wait for edges what has happened. */
export class ReadinessQueue extends WaitQueue {
  /** Events that the present wake is about. */
  reason: number = Change.any;

  /** Wakes all for these events. */
  signal(events: number): void {
    this.reason = events;
    this.wake();
    this.reason = Change.any;
  }
}
