import type { TraceEvent } from './events.ts';
import type { BlockProgram, InsnShape } from './program.ts';
import type { TraceReader, TraceVisitor } from './reader.ts';

/** Part of a trace, by steps. */
export interface StepWindow {
  /** First step. */
  readonly from: number;
  /** First step that is no more in it. */
  readonly to: number;
  /** Most instructions in it. */
  readonly first: number;
}

export const WHOLE_TRACE: StepWindow = { from: 0, to: Number.POSITIVE_INFINITY, first: Number.POSITIVE_INFINITY };

/** Shows a visitor part of a trace, as if only that had been traced: with the state before it, and a pause behind it. */
export class WindowVisitor implements TraceVisitor {
  /** True once all of the window has been shown. */
  isOver = false;
  private isOpen = false;
  private left: number;
  private thread: TraceEvent | undefined;
  /** Instructions that are left out before the window. */
  private leftOut = 0;

  /** Where the window may open within the block, the state of the instruction is looked at. */
  get looksAtState(): boolean {
    return this.leftOut > 0 || (!this.isOpen && !this.isBefore) ? true : this.visitor.looksAtState !== false;
  }
  /** The block is over before the window begins. */
  private isBefore = false;
  /** All of the block is in the window, which is open. */
  private isInside = false;

  constructor(
    private readonly reader: TraceReader,
    private readonly visitor: TraceVisitor,
    private readonly window: StepWindow,
  ) {
    this.left = window.first;
  }

  /** Leaves out so many of the instructions that come next, and what happens between them. */
  leaveOut(insns: number): void {
    this.leftOut = insns;
    this.isInside = false;
  }

  block(program: BlockProgram, completed: number): void {
    const { step } = this.reader;
    this.isBefore = step + completed <= this.window.from;
    this.isInside = false;
    if (this.leftOut > 0) {
      // One of which some are left out is shown whole to those who look at blocks.
      if (this.leftOut < completed) this.visitor.block?.(program, completed);
      return;
    }
    if (this.isBefore || this.passes(step, program.pc)) return;
    if (step >= this.window.from) this.open(program.pc);
    if (!this.isOpen) return;
    this.visitor.block?.(program, completed);
    this.isInside = step + completed <= this.window.to && (program.isPartial ? this.left === Number.POSITIVE_INFINITY : completed <= this.left);
    if (this.isInside) this.left -= completed;
  }

  insn(shape: InsnShape): void {
    if (this.isInside) return this.visitor.insn(shape);
    if (this.leftOut > 0) {
      if (--this.leftOut === 0) this.isOpen = false;
      return;
    }
    const { step } = this.reader;
    if (step < this.window.from || this.passes(step, shape.pc)) return;
    this.open(shape.pc);
    this.left--;
    this.visitor.insn(shape);
  }

  event(event: TraceEvent): void {
    if (event.kind === 'thread') this.thread = event;
    const isLeftOut = this.leftOut > 0;
    const opens = event.kind === 'snapshot' && event.step >= this.window.from && !this.isOpen && !isLeftOut && !this.passes(event.step, event.pc);
    if (opens) {
      this.isOpen = true;
      if (this.thread !== undefined) this.visitor.event(this.thread);
    }
    // What is mapped where holds on.
    const isOfMappings = event.kind === 'program' || event.kind === 'mapping';
    if (!this.isOver && (isOfMappings || (this.isOpen && !isLeftOut))) this.visitor.event(event);
  }

  skip(insns: number): void {
    if (this.isOpen && !this.isOver && this.leftOut === 0) this.visitor.skip?.(insns);
  }

  /** True if the window ends before the instruction. */
  private passes(step: number, pc: number): boolean {
    if (this.isOver) return true;
    if (step < this.window.to && this.left > 0) return false;
    if (this.isOpen) this.visitor.event({ kind: 'pause', step, pc });
    this.isOver = true;
    return true;
  }

  private open(pc: number): void {
    if (this.isOpen) return;
    this.isOpen = true;
    if (this.thread !== undefined) this.visitor.event(this.thread);
    const { state, step } = this.reader;
    this.visitor.event({ kind: 'snapshot', step, pc, state: new Uint8Array(state.buffer, state.byteOffset, state.byteLength).slice() });
  }
}
