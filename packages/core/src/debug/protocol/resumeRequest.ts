import type { ResumeRequest, ThreadAction, ThreadId } from '../target.ts';
import { numberOfHex } from './hex.ts';
import { linuxSignal } from './signals.ts';
import { matchesPattern, parsePattern, type ThreadPattern } from './threadIds.ts';

interface Row {
  readonly action: ThreadAction;
  readonly pattern: ThreadPattern;
}

const EVERY: ThreadPattern = { pid: undefined, tid: undefined };

/** One action of vCont: c, s, CSIG, SSIG, rSTART,END. @returns undefined for anything else */
function parseAction(text: string): ThreadAction | undefined {
  const [, letter, rest] = /^([cCsSr])(.*)$/.exec(text) ?? [];
  switch (letter) {
    case 'c':
      return { kind: 'continue', signal: 0 };
    case 's':
      return { kind: 'step', signal: 0 };
    case 'C':
    case 'S': {
      const number = numberOfHex(rest);
      return number === undefined ? undefined : { kind: letter === 'C' ? 'continue' : 'step', signal: linuxSignal(number) };
    }
    case 'r': {
      const [start, end] = rest.split(',').map(numberOfHex);
      return start === undefined || end === undefined ? undefined : { kind: 'step', signal: 0, range: { start, end } };
    }
    default:
      return undefined;
  }
}

/** What follows `vCont`: for each thread the first action holds that names it. @returns undefined where it cannot be understood */
export function parseResume(text: string): ResumeRequest | undefined {
  const rows: Row[] = [];
  for (const part of text.split(';').filter((each) => each !== '')) {
    const [actionText, patternText] = part.split(':');
    const action = parseAction(actionText);
    const pattern = patternText === undefined ? EVERY : parsePattern(patternText);
    if (action === undefined || pattern === undefined) return undefined;
    rows.push({ action, pattern });
  }
  return rows.length === 0 ? undefined : { actionOf: (thread) => rows.find(({ pattern }) => matchesPattern(pattern, thread))?.action };
}

/** The packets c, s, C and S, which are about one thread, or with `c` and `C` about all. */
export function resumeOne(text: string, thread: ThreadId): ResumeRequest | undefined {
  // An address to go on at may follow; gdb writes the pc instead.
  const action = parseAction(text.split(';')[0]);
  if (action === undefined) return undefined;
  const others: ThreadAction = { kind: 'continue', signal: 0 };
  return { actionOf: (each) => (each.pid === thread.pid && each.tid === thread.tid ? action : others) };
}
