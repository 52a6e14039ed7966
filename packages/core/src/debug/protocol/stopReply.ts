import { assertUnreachable } from '../../base/index.ts';
import { bytesOf } from '../../linux/index.ts';
import type { DebugTarget, StopEvent, ThreadId } from '../target.ts';
import { hexOf, littleEndian } from './hex.ts';
import { gdbSignal } from './signals.ts';
import type { TargetDescription } from './targetDescription.ts';
import { threadText } from './threadIds.ts';

/** What a debugger understands (its qSupported). */
export interface DebuggerFeatures {
  readonly multiprocess: boolean;
  readonly swbreak: boolean;
  readonly hwbreak: boolean;
  readonly noResumed: boolean;
  readonly forks: boolean;
  readonly vforks: boolean;
  readonly execs: boolean;
}

const SIGINT = 2;
const SIGTRAP = 5;

const WATCH: Readonly<Record<'write' | 'read' | 'access', string>> = { write: 'watch', read: 'rwatch', access: 'awatch' };

const byte = (value: number): string => (value & 0xff).toString(16).padStart(2, '0');

/** The packet that tells why the target stopped (gdb's manual, E.3). */
export function stopReply(event: StopEvent, target: DebugTarget, description: TargetDescription, features: DebuggerFeatures): string {
  const stopped = (thread: ThreadId, reason: string, signal = SIGTRAP): string => {
    const registers = target.registers(thread);
    const expedited = description.expedited.map(({ number, bytes }) => `${byte(number)}:${hexOf(littleEndian(registers.get(number), bytes))};`);
    return `T${byte(gdbSignal(signal))}${reason}thread:${threadText(thread, features.multiprocess)};${expedited.join('')}`;
  };
  const process = (pid: number): string => (features.multiprocess ? `;process:${pid.toString(16)}` : '');
  switch (event.kind) {
    case 'breakpoint':
      return stopped(event.thread, features.swbreak ? 'swbreak:;' : '');
    case 'watchpoint':
      return stopped(event.thread, `${WATCH[event.access]}:${event.address.toString(16)};`);
    case 'stepped':
      return stopped(event.thread, '');
    case 'interrupted':
      return stopped(event.thread, '', SIGINT);
    case 'signal':
      return stopped(event.thread, '', event.signal);
    case 'syscall':
      return stopped(event.thread, `syscall_${event.at}:${event.number.toString(16)};`);
    case 'forked':
      return stopped(event.thread, `${event.isVfork ? 'vfork' : 'fork'}:${threadText(event.child, true)};`);
    case 'vforkDone':
      return stopped(event.thread, 'vforkdone:;');
    case 'executed':
      return stopped(event.thread, `exec:${hexOf(bytesOf(event.path))};`);
    case 'history':
      return stopped(event.thread, `replaylog:${event.end};`);
    case 'exited':
      return `W${byte(event.status)}${process(event.pid)}`;
    case 'killed':
      return `X${byte(gdbSignal(event.signal))}${process(event.pid)}`;
    case 'idle':
      // Who does not know of that hears of a stop without a reason.
      return features.noResumed || target.current === undefined ? 'N' : stopped(target.current, '', 0);
    default:
      return assertUnreachable(event);
  }
}
