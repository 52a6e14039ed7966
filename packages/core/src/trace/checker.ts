import { fromHalves } from '../base/index.ts';
import type { TraceEvent } from './events.ts';
import { type Access, type BlockProgram, type InsnShape, NOWHERE } from './program.ts';
import type { TraceReader, TraceVisitor } from './reader.ts';
import { ShadowMemory } from './shadowMemory.ts';

/** Problems told of; more are only counted. */
const MAX_PROBLEMS = 10;

/** System calls behind which memory may hold something else than was last seen there. */
const REMAPPING: ReadonlySet<string> = new Set(['brk', 'mmap', 'munmap', 'mremap', 'madvise', 'shmat', 'shmdt', 'execve', 'remap_file_pages']);

export interface CheckerOptions {
  /** Names of system calls by number. */
  readonly syscalls: ReadonlyMap<number, string>;
  /** Guest.ignoredTopBits */
  readonly ignoredTopBits: number;
}

/**
 * Checks what must hold in every trace:
 * - each block begins where the one before it, a system call or a snapshot says;
 * - steps go on without gap or overlap but where the trace says so;
 * - a signal comes at the instruction that did not complete, and must come where one traps;
 * - a load gives what was last stored, loaded or written by the kernel there.
 */
export class TraceChecker implements TraceVisitor {
  /** The first few problems, one line each. */
  readonly problems: string[] = [];
  problemCount = 0;
  insns = 0;
  private readonly memory: ShadowMemory;
  /** Addresses where the next block may begin, or a signal come; undefined: anywhere. */
  private next: readonly number[] | undefined;
  /** The last block ended in an instruction that traps: a signal must follow. */
  private isTrapped = false;
  private expectedStep: number | undefined;
  private syscallName: string | undefined;

  constructor(
    private readonly reader: TraceReader,
    private readonly options: CheckerOptions,
  ) {
    this.memory = new ShadowMemory(options.ignoredTopBits);
  }

  block(program: BlockProgram, completed: number): void {
    // What is not in the trace may have stored.
    if (program.isPartial) this.memory.forget();
    const { step } = this.reader;
    if (this.expectedStep !== undefined && step !== this.expectedStep) this.problem(`step ${step} follows, where ${this.expectedStep} should`);
    this.expectedStep = step + completed;
    this.follow(program.pc, 'a block');
    if (this.isTrapped) this.problem(`an instruction that traps is followed by no signal but a block at ${hex(program.pc)}`);
    const cutAt = program.shapes[completed];
    // Cut short: by a signal, or to go on from there with more care.
    this.next = completed < program.shapes.length ? cutAt && [cutAt.pc] : successors(program);
    this.isTrapped = completed === program.shapes.length && program.end.kind === 'trap';
  }

  insn(shape: InsnShape): void {
    this.insns++;
    for (const access of shape.accesses) this.access(access, shape);
  }

  skip(insns: number): void {
    this.next = undefined;
    this.memory.forget();
    if (this.expectedStep !== undefined) this.expectedStep += insns;
  }

  event(event: TraceEvent): void {
    switch (event.kind) {
      case 'snapshot':
        if (this.expectedStep !== undefined && event.step < this.expectedStep) this.problem(`a snapshot goes back to step ${event.step}`);
        if (event.step !== this.expectedStep) this.memory.forget();
        this.next = [event.pc];
        this.expectedStep = event.step;
        return;
      case 'syscall':
        this.syscallName = this.options.syscalls.get(event.number);
        return;
      case 'syscallResult':
        this.next = [event.pc];
        if (this.syscallName === undefined || REMAPPING.has(this.syscallName)) this.memory.forget();
        return;
      case 'thread':
        // It may have another memory.
        this.memory.forget();
        this.isTrapped = false;
        this.next = undefined;
        return;
      case 'kernelWrite':
        this.memory.write(event.address, event.data);
        return;
      case 'signal':
        this.follow(event.pc, `signal ${event.signal}`);
        this.isTrapped = false;
        this.next = undefined;
        return;
      case 'pause':
        this.isTrapped = false;
        this.next = undefined;
        return;
      default:
        return;
    }
  }

  private access({ store, bytes, address, datum, condition }: Access, shape: InsnShape): void {
    const { values } = this.reader;
    if (condition !== NOWHERE && values[condition] === 0) return;
    const at = fromHalves(values[address], values[address + 1]);
    if (datum === NOWHERE) return store ? this.memory.forget() : undefined;
    if (store) return this.memory.store(at, bytes, values, datum);
    const differs = this.memory.load(at, bytes, values, datum);
    if (differs >= 0) this.problem(`the load at ${hex(shape.pc)} finds another byte at ${hex(at + differs)} than was there`);
  }

  private follow(pc: number, what: string): void {
    if (this.next !== undefined && !this.next.includes(pc)) this.problem(`${what} at ${hex(pc)} follows, where ${this.next.map(hex).join(' or ')} should`);
  }

  private problem(text: string): void {
    if (this.problemCount++ < MAX_PROBLEMS) this.problems.push(`step ${this.reader.step}: ${text}`);
  }
}

/** Where control goes from the end of a block; undefined: the code alone does not tell. */
function successors({ end }: BlockProgram): readonly number[] | undefined {
  switch (end.kind) {
    case 'jump':
    case 'call':
    case 'syscall':
    case 'exit':
    case 'trap':
      return [end.target];
    case 'branch':
      return [end.target, end.next];
    case 'callIndirect':
    case 'jumpIndirect':
    case 'return':
      return undefined;
  }
}

const hex = (n: number): string => `0x${n.toString(16)}`;
