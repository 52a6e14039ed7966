import { describe, expect, it } from 'vitest';
import { SyscallBench } from '../testing/syscallBench.ts';
import { decodeSiginfo, encodeSiginfo, PendingSignals, ProcessSignals, Signal, SignalActions, type SignalInfo, signalSet, ThreadSignals } from './index.ts';
import { GuestTimer, OverrunCounter } from './timers.ts';

const info = (signal: number, value = 0n): SignalInfo => ({ signal, code: -1, origin: { kind: 'sender', pid: 1, uid: 0, value } });
const senderValue = (found: SignalInfo | undefined): bigint | undefined => (found?.origin.kind === 'sender' ? found.origin.value : undefined);
const ALL = ~0n;

describe('signals that wait', () => {
  it('queue if they are real-time, and else wait once', () => {
    const pending = new PendingSignals();
    expect([pending.add(info(10, 1n)), pending.add(info(10, 2n)), pending.add(info(34, 1n)), pending.add(info(34, 2n))]).toEqual([true, false, true, true]);
    expect(pending.set).toBe(signalSet(10, 34));
    expect([1, 2, 3].map(() => senderValue(pending.take(ALL)))).toEqual([1n, 1n, 2n]);
    expect([pending.take(ALL), pending.set, pending.count]).toEqual([undefined, 0n, 0]);
  });

  it('come by number, those of failing instructions first', () => {
    const pending = new PendingSignals();
    for (const signal of [40, 15, 2, Signal.SIGSEGV, Signal.SIGILL]) pending.add(info(signal));
    expect(pending.take(signalSet(15, 40))?.signal).toBe(15);
    expect([1, 2, 3, 4].map(() => pending.take(ALL)?.signal)).toEqual([4, 11, 2, 40]);
  });

  it('are told that they wait no longer', () => {
    const pending = new PendingSignals();
    let told = 0;
    for (const signal of [34, 34, 35]) pending.add({ ...info(signal), taken: () => told++ });
    pending.discard(signalSet(34));
    expect([told, pending.count]).toEqual([2, 1]);
    pending.take(ALL);
    expect(told).toBe(3);
  });
});

describe('actions', () => {
  it('ignore what is ignored by default, or asked for', () => {
    const actions = new SignalActions();
    expect([Signal.SIGCHLD, Signal.SIGCONT, Signal.SIGTERM].map((signal) => actions.ignores(signal))).toEqual([true, true, false]);
    const action = { handler: 1n, flags: 0n, restorer: 0n, mask: 0n };
    actions.set(Signal.SIGTERM, action);
    actions.set(Signal.SIGCHLD, { ...action, handler: 0x1000n });
    expect([Signal.SIGCHLD, Signal.SIGTERM].map((signal) => actions.ignores(signal))).toEqual([false, true]);
    actions.exec();
    expect([Signal.SIGCHLD, Signal.SIGTERM].map((signal) => actions.ignores(signal))).toEqual([true, true]);
  });

  it('are copied for a forked process, or shared', () => {
    const signals = new ProcessSignals();
    const [copy, shared] = [signals.fork(false), signals.fork(true)];
    signals.actions.set(10, { handler: 1n, flags: 0n, restorer: 0n, mask: 0n });
    expect([copy.actions.ignores(10), shared.actions.ignores(10)]).toEqual([false, true]);
    shared.exec();
    shared.actions.set(12, { handler: 1n, flags: 0n, restorer: 0n, mask: 0n });
    expect(signals.actions.ignores(12)).toBe(false);
  });
});

describe("a thread's signals", () => {
  it('are blocked otherwise during a call', () => {
    const signals = new ThreadSignals();
    signals.blocked = ALL;
    expect([signals.blocks(Signal.SIGKILL), signals.blocks(Signal.SIGSTOP), signals.blocks(Signal.SIGINT)]).toEqual([false, false, true]);
    signals.blocked = signalSet(2);
    signals.blockDuringCall(signalSet(15));
    signals.blockDuringCall(signalSet(1));
    expect([signals.blocked, signals.blockedAfterwards]).toEqual([signalSet(15), signalSet(2)]);
    signals.unblockAfterCall();
    expect(signals.blocked).toBe(signalSet(2));
  });

  it('know their alternate stack', () => {
    const signals = new ThreadSignals();
    expect(signals.stackSeenFrom(0x1800n)).toEqual({ address: 0n, flags: 2, size: 0n });
    signals.alternateStack = { address: 0x1000n, flags: 0, size: 0x2000n };
    expect([0x1000n, 0x1001n, 0x3000n, 0x3001n].map((sp) => signals.isOnStack(sp))).toEqual([false, true, true, false]);
    expect(signals.stackSeenFrom(0x1800n).flags).toBe(1);
    const other = new ThreadSignals();
    other.inherit(signals, false);
    expect(other.alternateStack.flags).toBe(2);
  });
});

describe('siginfo_t', () => {
  const words = (told: SignalInfo): number[] => [...new Int32Array(encodeSiginfo(told).buffer)].slice(0, 8);

  it('is laid out as Linux lays it out', () => {
    expect(words({ signal: 34, code: -1, origin: { kind: 'sender', pid: 7, uid: 8, value: 0x2_0000_0001n } })).toEqual([34, 0, -1, 0, 7, 8, 1, 2]);
    expect(words({ signal: 11, code: 2, origin: { kind: 'fault', address: 0x55_0000_1000n } })).toEqual([11, 0, 2, 0, 0x1000, 0x55, 0, 0]);
    expect(words({ signal: 14, code: -2, origin: { kind: 'timer', timer: { id: 3, overrun: 4 }, value: 5n } })).toEqual([14, 0, -2, 0, 3, 4, 5, 0]);
    expect(words({ signal: 17, code: 1, origin: { kind: 'child', pid: 7, uid: 8, status: 9 } })).toEqual([17, 0, 1, 0, 7, 8, 9, 0]);
    expect(words({ signal: 29, code: 1, origin: { kind: 'file', band: 65, fd: 4 } })).toEqual([29, 0, 1, 0, 65, 0, 4, 0]);
  });

  it('can be made by a process, but for the number', () => {
    const bytes = new Uint8Array(128).map((_, i) => i);
    const made = encodeSiginfo(decodeSiginfo(10, bytes));
    expect([...made.subarray(0, 4)]).toEqual([10, 0, 0, 0]);
    expect([...made.subarray(4)]).toEqual([...bytes.subarray(4)]);
  });
});

describe('timers', () => {
  it('count how often they run out while their signal waits', () => {
    const told: { overrun: number }[] = [];
    let taken = (): void => {};
    const counter = new OverrunCounter(3, (timer, done) => {
      told.push(timer);
      taken = done;
    });
    counter.expired(1);
    counter.expired(4);
    taken();
    expect([told.length, told[0].overrun, counter.last]).toEqual([1, 4, 4]);
    counter.expired(3);
    taken();
    expect([told.length, counter.last]).toEqual([2, 2]);
  });

  it('run out in time, again and again, and when a slower clock says so', () => {
    const { kernel, host } = new SyscallBench();
    let slow = 0n;
    const times: number[] = [];
    const timer = new GuestTimer(
      kernel,
      () => slow,
      (count) => times.push(count),
    );
    const fire = (): void => {
      const [next] = kernel.timers;
      kernel.timers.delete(next);
      next.fire();
    };
    timer.arm(100n, 10n);
    const [first] = kernel.timers;
    expect(first.at - host.monotonicTime()).toBeLessThanOrEqual(100n);
    slow = 60n;
    fire();
    expect([times, timer.left]).toEqual([[], 40n]);
    slow = 125n;
    fire();
    expect([times, timer.left, timer.interval]).toEqual([[3], 5n, 10n]);
    timer.disarm();
    expect([kernel.timers.size, timer.left]).toEqual([0, 0n]);
  });
});
