import { fromHalves } from '../../base/index.ts';
import { ProgramMap, type SymbolHost } from '../../symbols/index.ts';
import type { TraceEvent } from '../events.ts';
import type { BlockProgram } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import { CallStack, type EntryKind } from './callStack.ts';
import { FunctionTable, type TracedFunction } from './functionTable.ts';

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
  readonly stack: CallStack;
  /** The block that has run to its end, and where it goes from there is to be seen; undefined: anywhere. */
  last: ProfiledBlock | undefined;
  /** Signals' handlers that are about to begin: `last` of what each interrupts. */
  readonly handlers: (ProfiledBlock | undefined)[];
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
  private readonly forks = new Map<number, { readonly pid: number; readonly sp: number; readonly frames: ReturnType<CallStack['snapshot']> }>();
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
    this.arrive(thread, block);
    const { cost } = block;
    if (completed === program.shapes.length) {
      block.runs++;
      this.spend(thread, cost, block, completed);
      thread.last = block;
    } else {
      block.cuts ??= new Array<number>(program.shapes.length).fill(0);
      block.cuts[completed]++;
      this.spend(thread, costOf(program, completed), block, completed);
      thread.last = undefined;
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
        if (name === 'exit') this.thread.stack.clear();
        else if (name === 'exit_group') this.ended(this.thread.pid);
        else if (name === SIGNAL_RETURN) this.next = 'signalReturn';
        else if (name !== undefined && FORKS.has(name)) {
          const { pid, tid, stack } = this.thread;
          this.forks.set(tid, { pid, sp: this.sp, frames: stack.snapshot() });
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
    this.thread.last = undefined;
  }

  /** The trace is over: all functions end. */
  end(): void {
    for (const { stack } of this.byTid.values()) stack.clear();
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

  /** A block begins: what has led there? */
  private arrive({ stack, last, handlers }: Thread, block: ProfiledBlock): void {
    const { fn, program } = block;
    const { pc } = program;
    if (handlers.length > 0) {
      for (const interrupted of handlers.splice(0)) stack.signal(fn, this.sp, interrupted);
      return;
    }
    if (last === undefined) return stack.resume(fn, this.sp);
    const { end } = last.program;
    switch (end.kind) {
      case 'call':
      case 'callIndirect':
        // A call of the next instruction asks for its address.
        if (pc === end.next) break;
        return stack.call(fn, last.lastPc, end.next, this.sp);
      case 'return':
        return stack.return(fn, last.lastPc, pc, this.sp);
      case 'branch':
        if (pc === end.target) last.taken++;
        break;
      default:
        break;
    }
    const sp = this.sp;
    if (fn !== stack.top || sp > stack.topSp) stack.jump(fn, last.lastPc, block.isEntry, sp);
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
      last: undefined,
      handlers: [],
      stack: new CallStack({
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
    if (next === 'window') thread.last = undefined;
    else if (next === 'signal') {
      thread.handlers.push(thread.last);
      thread.last = undefined;
    } else if (next === 'signalReturn') thread.last = thread.stack.signalReturn() as ProfiledBlock | undefined;
    else if (thread.stack.depth === 0) this.inherit(thread);
  }

  /** A process that is a copy of another has its stack. */
  private inherit(thread: Thread): void {
    const { sp } = this;
    const copied = [...this.forks.values()].filter((fork) => fork.sp === sp && fork.pid !== thread.pid).at(-1);
    if (copied !== undefined) thread.stack.copy(copied.frames);
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
      thread.stack.clear();
      thread.last = undefined;
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
