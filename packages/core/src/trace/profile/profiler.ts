import { fromHalves } from '../../base/index.ts';
import { ProgramMap, type SymbolHost } from '../../symbols/index.ts';
import type { TraceEvent } from '../events.ts';
import type { BlockProgram } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { EntryKind } from './callStack.ts';
import { FunctionTable, type TracedFunction } from './functionTable.ts';
import { ThreadCalls } from './threadCalls.ts';

/** What profiles need of the guest. */
export interface ProfileContext {
  readonly symbols: SymbolHost;
  /** Name of the stack pointer's register. */
  readonly stackPointer: string;
  /** Names of system calls by number. */
  readonly syscalls: ReadonlyMap<number, string>;
}

/** A block of a trace: what it costs, and how often it has run. */
export interface ProfiledBlock {
  readonly program: BlockProgram;
  /** The process that ran it first: others that run it have the same file there. */
  readonly pid: number;
  readonly fn: TracedFunction;
  /** Whether it begins the function. */
  readonly isEntry: boolean;
  /** Address of its last instruction. */
  readonly lastPc: number;
  /** Of all its instructions that are traced. */
  readonly cost: Cost;
  /** Times that it ran to its end. */
  runs: number;
  /** Times that its branch was taken. */
  taken: number;
  /** Times that it ran so many instructions only. */
  cuts: number[] | undefined;
}

/** Instructions, loads and stores. */
export interface Cost {
  insns: number;
  loads: number;
  stores: number;
}

/** A thread of a trace. */
export interface ProfiledThread {
  /** Counts up from 0. */
  readonly index: number;
  readonly pid: number;
  readonly tid: number;
  /** What its instructions have cost so far. */
  readonly cost: Cost;
}

/** Told what threads do, in order. */
export interface ProfileListener {
  enter?(thread: ProfiledThread, fn: TracedFunction, site: number, kind: EntryKind): void;
  leave?(thread: ProfiledThread): void;
  /** The first so many instructions of a block have run, which cost this much; called before `thread.cost` is raised. */
  spent?(thread: ProfiledThread, insns: number, block: ProfiledBlock, completed: number): void;
  /** An event of the thread's. */
  event?(thread: ProfiledThread, event: TraceEvent): void;
}

interface Thread extends ProfiledThread {
  readonly calls: ThreadCalls<ProfiledBlock>;
}

/** System calls that make threads and processes, and the one that ends a signal's handler. */
const FORKS: ReadonlySet<string> = new Set(['clone', 'clone3', 'fork', 'vfork']);
const SIGNAL_RETURN = 'rt_sigreturn';

/** Follows the functions of all threads of a trace, and counts how often each block runs. To be given all that a reader tells. */
export class Profiler {
  readonly programs: ProgramMap;
  readonly functions: FunctionTable;
  /** By number. */
  readonly blocks: (ProfiledBlock | undefined)[] = [];
  readonly threads: ProfiledThread[] = [];
  private readonly byTid = new Map<number, Thread>();
  /** The one that runs; undefined until the trace tells, or a block runs. */
  private running: Thread | undefined;
  private readonly spWord: number;
  /** The stack of each thread that has made another, when it did. */
  private readonly forks = new Map<
    number,
    { readonly pid: number; readonly sp: number; readonly frames: ReturnType<ThreadCalls<ProfiledBlock>['stack']['snapshot']> }
  >();
  /** What the next snapshot means. */
  private next: 'window' | 'thread' | 'signal' | 'signalReturn' = 'window';

  constructor(
    private readonly reader: TraceReader,
    private readonly context: ProfileContext,
    private readonly listener: ProfileListener = {},
  ) {
    this.programs = new ProgramMap(context.symbols);
    this.functions = new FunctionTable(this.programs);
    this.spWord = reader.layout.get(context.stackPointer).offset >> 2;
  }

  /** Steps before the instruction that runs next. */
  get step(): number {
    return this.reader.step;
  }

  block(program: BlockProgram, completed: number): void {
    const block = this.blocks[program.id] ?? this.learn(program);
    const { thread } = this;
    const { last } = thread.calls;
    if (last?.program.end.kind === 'branch' && program.pc === last.program.end.target) last.taken++;
    thread.calls.arrive(block, this.sp);
    const { cost } = block;
    if (completed === program.shapes.length) {
      block.runs++;
      this.spend(thread, cost, block, completed);
      thread.calls.last = block;
    } else {
      block.cuts ??= new Array<number>(program.shapes.length).fill(0);
      block.cuts[completed]++;
      this.spend(thread, costOf(program, completed), block, completed);
      thread.calls.last = undefined;
    }
  }

  event(event: TraceEvent): void {
    switch (event.kind) {
      case 'thread':
        this.switchTo(event.pid, event.tid);
        break;
      case 'snapshot':
        this.registersSet();
        break;
      case 'program':
        this.program(event.pid, event.tid, event.path);
        break;
      case 'mapping':
        this.programs.map(event.pid, event);
        break;
      case 'syscall': {
        const name = this.context.syscalls.get(event.number);
        if (name === 'exit') this.thread.calls.stack.clear();
        else if (name === 'exit_group') this.ended(this.thread.pid);
        else if (name === SIGNAL_RETURN) this.next = 'signalReturn';
        else if (name !== undefined && FORKS.has(name)) {
          const { pid, tid, calls } = this.thread;
          this.forks.set(tid, { pid, sp: this.sp, frames: calls.stack.snapshot() });
        }
        break;
      }
      case 'syscallResult':
        // A handler's return may look like this, too.
        if (this.next === 'signalReturn') this.registersSet();
        break;
      default:
        break;
    }
    if (this.running !== undefined) this.listener.event?.(this.running, event);
  }

  /** Instructions are left out. */
  skip(): void {
    this.thread.calls.last = undefined;
  }

  /** The trace is over: all functions end. */
  end(): void {
    for (const { calls } of this.byTid.values()) calls.stack.clear();
  }

  /** Of traces that do not tell of processes, all is one thread. */
  private get thread(): Thread {
    this.running ??= this.newThread(0, 0);
    return this.running;
  }

  private get sp(): number {
    const { state } = this.reader;
    return fromHalves(state[this.spWord], state[this.spWord + 1]);
  }

  private spend(thread: ProfiledThread, { insns, loads, stores }: Cost, block: ProfiledBlock, completed: number): void {
    this.listener.spent?.(thread, insns, block, completed);
    const { cost } = thread;
    cost.insns += insns;
    cost.loads += loads;
    cost.stores += stores;
  }

  private learn(program: BlockProgram): ProfiledBlock {
    const { pid } = this.thread;
    const fn = this.functions.of(pid, program, program.pc);
    let lastPc = program.pc;
    for (const shape of program.shapes) if (shape !== undefined) lastPc = shape.pc;
    const block: ProfiledBlock = {
      program,
      pid,
      fn,
      isEntry: this.functions.place(pid, program.pc).address === fn.start,
      lastPc,
      cost: costOf(program, program.shapes.length),
      runs: 0,
      taken: 0,
      cuts: undefined,
    };
    this.blocks[program.id] = block;
    return block;
  }

  private newThread(pid: number, tid: number): Thread {
    const thread = {
      index: this.threads.length,
      pid,
      tid,
      cost: { insns: 0, loads: 0, stores: 0 },
      calls: new ThreadCalls<ProfiledBlock>({
        enter: (fn, site, kind) => this.listener.enter?.(thread, fn, site, kind),
        leave: () => this.listener.leave?.(thread),
      }),
    } as Thread;
    this.threads.push(thread);
    this.byTid.set(tid, thread);
    return thread;
  }

  private threadOf(pid: number, tid: number): Thread {
    const known = this.byTid.get(tid);
    return known?.pid === pid ? known : this.newThread(pid, tid);
  }

  private switchTo(pid: number, tid: number): void {
    const isSame = this.running?.tid === tid;
    this.running = this.threadOf(pid, tid);
    if (!isSame) this.next = 'thread';
    else if (this.next !== 'signalReturn') this.next = 'signal';
  }

  /** The kernel has set the thread's registers: it goes on somewhere else. */
  private registersSet(): void {
    const { thread, next } = this;
    this.next = 'window';
    if (next === 'window') thread.calls.last = undefined;
    else if (next === 'signal') thread.calls.handlerBegins();
    else if (next === 'signalReturn') thread.calls.handlerEnds();
    else if (thread.calls.stack.depth === 0) this.inherit(thread);
  }

  /** A process that is a copy of another has its stack. */
  private inherit(thread: Thread): void {
    const { sp } = this;
    const copied = [...this.forks.values()].filter((fork) => fork.sp === sp && fork.pid !== thread.pid).at(-1);
    if (copied !== undefined) thread.calls.stack.copy(copied.frames);
  }

  /** A process runs a program from here on. */
  private program(pid: number, tid: number, path: string): void {
    const isNew = this.programs.programOf(pid) === undefined;
    this.programs.setProgram(pid, path);
    this.running ??= this.newThread(pid, tid);
    if (!isNew) this.ended(pid);
  }

  /** All functions of a process's threads end. */
  private ended(pid: number): void {
    for (const thread of this.byTid.values()) {
      if (thread.pid !== pid) continue;
      thread.calls.stack.clear();
      thread.calls.last = undefined;
    }
  }
}

/** Of the block's first so many instructions. */
function costOf({ shapes }: BlockProgram, completed: number): Cost {
  let insns = 0;
  let loads = 0;
  let stores = 0;
  for (let i = 0; i < completed; i++) {
    const shape = shapes[i];
    if (shape === undefined) continue;
    insns++;
    for (const { store } of shape.accesses) {
      if (store) stores++;
      else loads++;
    }
  }
  return { insns, loads, stores };
}
