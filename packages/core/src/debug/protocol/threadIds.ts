import type { ThreadId } from '../target.ts';
import { numberOfHex } from './hex.ts';

/** Threads that a packet means; undefined: all. */
export interface ThreadPattern {
  /** 'any': whichever. */
  readonly pid: number | 'any' | undefined;
  readonly tid: number | 'any' | undefined;
}

const part = (text: string): number | 'any' | undefined | 'wrong' => (text === '-1' ? undefined : text === '0' ? 'any' : (numberOfHex(text) ?? 'wrong'));

/** `pPID.TID`, `pPID`, or `TID`: hexadecimal numbers, -1 for all, 0 for any. @returns undefined for anything else */
export function parsePattern(text: string): ThreadPattern | undefined {
  const [, pidText, tidText] = /^(?:p(-1|[0-9a-f]+))?\.?(-1|[0-9a-f]+)?$/.exec(text) ?? [];
  if (pidText === undefined && tidText === undefined) return undefined;
  const pid = pidText === undefined ? undefined : part(pidText);
  const tid = tidText === undefined ? undefined : part(tidText);
  return pid === 'wrong' || tid === 'wrong' ? undefined : { pid, tid };
}

export function matchesPattern({ pid, tid }: ThreadPattern, thread: ThreadId): boolean {
  const isWanted = (wanted: number | 'any' | undefined, number: number): boolean => typeof wanted !== 'number' || wanted === number;
  return isWanted(pid, thread.pid) && isWanted(tid, thread.tid);
}

/** As packets name a thread. @param withProcess whether the debugger knows of several processes */
export const threadText = ({ pid, tid }: ThreadId, withProcess: boolean): string =>
  withProcess ? `p${pid.toString(16)}.${tid.toString(16)}` : tid.toString(16);
