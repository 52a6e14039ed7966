import { type Probe, type RecordedSymbol, type TracedFunction, type WatchedCalls, watchCalls } from '@everystep/core';
import { grouped } from '../../trace/progress.ts';
import type { Answer } from './answer.ts';
import type { RecordingView } from './recordingView.ts';
import { hex } from './values.ts';

/** Which calls are wanted, and what is told of them. */
export interface CallsWish {
  readonly from: number;
  readonly to: number;
  /** Where functions begin: only calls of these, and what they call. Empty: all. */
  readonly starts: ReadonlySet<number>;
  /** Levels that are told. */
  readonly depth: number;
  /** Arguments that people are shown. */
  readonly args: number;
  readonly json: boolean;
}

/** A function that has been called and has not returned. */
interface Frame {
  readonly name: string;
  /** undefined: it is not told of. */
  readonly told: { readonly step: number; readonly level: number; readonly head: string; readonly record: object } | undefined;
  /** Of the last function that is told; -1 where none is. */
  readonly level: number;
  /** Calls from the last one that is of a wanted function; Infinity: there is none. */
  readonly distance: number;
}

/** Registers of arguments, by the procedure call standard. */
const ARGUMENTS = Array.from({ length: 8 }, (_, i) => `x${i}`);
const RESULT = 'x0';
const INDENT = '  ';

/** Tells of calls: a tree for people, a line a call, as it ends, for programs. */
export class CallTeller {
  /** How many have been told. */
  count = 0;
  private readonly stacks = new Map<number, Frame[]>();
  /** How many functions that are told a thread is in; of others nothing. */
  private readonly running = new Map<number, number>();
  private readonly functions = new Map<RecordedSymbol | undefined, TracedFunction>();
  /** A call whose line is not written yet: it may be all there is of it. */
  private open: { readonly tid: number; readonly frame: Frame } | undefined;
  private tid = -1;

  constructor(
    private readonly view: RecordingView,
    private readonly wish: CallsWish,
    private readonly answer: Answer,
  ) {}

  tell(): void {
    const { view, wish } = this;
    const { from, to, starts } = wish;
    const probes = [...starts].map((pc): Probe => ({ kind: 'execute', pc }));
    // Of one function, where it may begin, and where it may return.
    const sought = (): readonly Probe[] => [...probes, ...[...this.running.keys()].map((tid): Probe => ({ kind: 'thread', tid }))];
    watchCalls(view.timeline, { from, to, ...(starts.size === 0 ? {} : { sought }) }, (address) => this.functionAt(address), {
      enter: (tid, fn, _, kind) => this.enter(tid, fn, kind),
      leave: (tid, returns) => this.leave(tid, returns),
    });
    this.writeOpen();
  }

  private functionAt(address: number): TracedFunction {
    const symbol = this.view.symbols.functionAt(address);
    let fn = this.functions.get(symbol);
    if (fn === undefined) {
      const { name = '', address: start = 0, isTrampoline = false, leadsToResolver = false } = symbol ?? {};
      fn = { id: this.functions.size, name, object: undefined, start, isTrampoline, leadsToResolver, isInlined: false };
      this.functions.set(symbol, fn);
    }
    return fn;
  }

  private enter(tid: number, { name, start, isTrampoline }: TracedFunction, kind: Parameters<WatchedCalls['enter']>[3]): void {
    const { wish, view } = this;
    const { replayer } = view.timeline;
    const stack = this.stacks.get(tid) ?? [];
    this.stacks.set(tid, stack);
    const above = stack.at(-1) ?? { level: -1, distance: wish.starts.size === 0 ? -1 : Number.POSITIVE_INFINITY };
    const distance = wish.starts.has(start) ? 0 : above.distance + (isTrampoline ? 0 : 1);
    if (isTrampoline || distance >= wish.depth) {
      stack.push({ name, told: undefined, level: above.level, distance });
      return;
    }
    const isStart = kind === 'start';
    const level = above.level + 1;
    // Of the function's first instruction: the call comes before.
    const step = isStart ? wish.from : kind === 'signal' ? replayer.steps : replayer.steps + 1;
    const values = isStart ? [] : ARGUMENTS.map((register) => replayer.machine.cpu.getByName(register));
    const shown = name === '' ? '(unknown)' : name;
    const head = isStart ? `${shown} (running)` : `${shown}(${values.slice(0, wish.args).map(hex).join(', ')})`;
    const record = { step, pid: replayer.pid, tid, level, name, ...(isStart ? {} : { args: values.map(hex) }) };
    const frame = { name, told: { step, level, head, record }, level, distance };
    stack.push(frame);
    this.running.set(tid, (this.running.get(tid) ?? 0) + 1);
    this.count++;
    if (wish.json) return;
    this.writeOpen();
    this.open = { tid, frame };
  }

  private leave(tid: number, returns: boolean): void {
    const { answer, wish, view } = this;
    const { replayer } = view.timeline;
    const frame = this.stacks.get(tid)?.pop();
    if (frame?.told === undefined) return;
    const others = (this.running.get(tid) ?? 0) - 1;
    if (others > 0) this.running.set(tid, others);
    else this.running.delete(tid);
    const { level, head, record, step } = frame.told;
    const result = returns ? hex(replayer.machine.cpu.getByName(RESULT)) : undefined;
    const end = returns ? replayer.steps + 1 : undefined;
    if (wish.json) return answer.json({ ...record, ...(end === undefined ? {} : { end, result }) });
    const text = result === undefined ? '' : ` = ${result}`;
    if (this.open?.frame === frame) {
      this.open = undefined;
      this.line(tid, step, level, `${head}${text}`);
    } else {
      this.writeOpen();
      this.line(tid, returns ? replayer.steps : undefined, level, `}${text === '' ? '' : `${text} (${frame.name})`}`);
    }
  }

  private writeOpen(): void {
    const { open } = this;
    this.open = undefined;
    if (open?.frame.told !== undefined) this.line(open.tid, open.frame.told.step, open.frame.told.level, `${open.frame.told.head} {`);
  }

  private line(tid: number, step: number | undefined, level: number, text: string): void {
    if (tid !== this.tid) this.answer.line(`thread ${tid}`);
    this.tid = tid;
    this.answer.line(`${(step === undefined ? '' : grouped(step)).padStart(15)} ${INDENT.repeat(level)}${text}`);
  }
}
