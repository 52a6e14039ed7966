import { CallStack, type EntryKind } from '../../trace/profile/callStack.ts';
import type { TracedFunction } from '../../trace/profile/functionTable.ts';
import type { ReplayObserver } from '../replayer.ts';
import type { Probe } from '../timeline/probes.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { Branch, callPass, RETURN_ADDRESS, TARGET } from './callPass.ts';

/** Told of functions that begin and end, in the order of the run; registers are as the caller, or the function at its end, has them. */
export interface WatchedCalls {
  /** @param site address of the instruction that went there; -1 where there is none */
  enter(tid: number, fn: TracedFunction, site: number, kind: EntryKind): void;
  /** @param returns whether it goes back to its caller by a return, and so has a result */
  leave(tid: number, returns: boolean): void;
}

/** The system call that ends a signal's handler. */
const SIGNAL_RETURN = 'rt_sigreturn';

/** Which calls are followed. */
export interface CallRange {
  readonly from: number;
  readonly to: number;
  /** See Onlooker.sought: where there is none of it, calls are not followed, and functions that were running end untold. */
  sought?(): readonly Probe[] | undefined;
}

/**
 * Follows the calls of all threads in a part of a run. The timeline is at its end then, or near the last that was sought.
 * @param functionAt the function around an address of the process that runs
 */
export function watchCalls(timeline: Timeline, range: CallRange, functionAt: (address: number) => TracedFunction, calls: WatchedCalls): void {
  const { replayer } = timeline;
  const { machine } = replayer;
  const { view } = machine.space.memory;
  const { cpu, guest } = machine;
  const stackPointer = guest.state.get(guest.roles.stackPointer);
  const stacks = new Map<number, CallStack>();
  let returns = false;

  const sp = (): number => Number(cpu.get(stackPointer));
  const stackOf = (tid: number): CallStack => {
    let stack = stacks.get(tid);
    if (stack === undefined) {
      stack = new CallStack({ enter: (fn, site, kind) => calls.enter(tid, fn, site, kind), leave: () => calls.leave(tid, returns) });
      stacks.set(tid, stack);
    }
    return stack;
  };
  const branched = (kind: number): void => {
    const stack = stackOf(replayer.tid);
    const { pc } = replayer;
    const target = Number(view.getBigUint64(TARGET, true));
    if (stack.depth === 0) stack.resume(functionAt(pc), sp());
    const fn = functionAt(target);
    if (kind === Branch.call) return stack.call(fn, pc, Number(view.getBigUint64(RETURN_ADDRESS, true)), sp());
    if (kind === Branch.return) {
      returns = true;
      stack.return(fn, pc, target, sp());
      returns = false;
    } else if (fn !== stack.top || sp() > stack.topSp) stack.jump(fn, pc, fn.start === target, sp());
  };
  let call: string | undefined;
  let calledAt = 0;
  let handlers = 0;
  const observer: ReplayObserver = {
    enterCall(number) {
      call = guest.linux.syscalls.get(number);
      calledAt = replayer.pc;
      const { pid, tid } = replayer;
      if (call === 'exit') stackOf(tid).clear();
      if (call !== 'exit_group') return;
      for (const [other, stack] of stacks) if (other === tid || replayer.threads.get(other)?.pid === pid) stack.clear();
    },
    leaveCall() {
      if (call === SIGNAL_RETURN) stackOf(replayer.tid).signalReturn();
      // Another program begins.
      if ((call === 'execve' || call === 'execveat') && replayer.pc !== calledAt) stackOf(replayer.tid).clear();
      call = undefined;
    },
    signal: () => void handlers++,
    afterChanges() {
      // Whether the process has a handler shows in where it goes on.
      const stack = stacks.get(replayer.tid);
      for (; handlers > 0; handlers--) {
        const fn = functionAt(replayer.pc);
        if (stack !== undefined && fn.start === replayer.pc) stack.signal(fn, sp(), undefined);
      }
    },
  };
  const endAll = (): void => {
    for (const stack of stacks.values()) stack.clear();
    stacks.clear();
  };
  timeline.goThrough(range.from, range.to, {
    observer,
    instrument: callPass((at, target) => functionAt(at) !== functionAt(target)),
    called: (kind) => {
      branched(kind);
      return false;
    },
    skipped: endAll,
    ...(range.sought === undefined ? {} : { sought: range.sought }),
  });
  endAll();
}
