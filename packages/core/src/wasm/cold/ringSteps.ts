import { Cell } from '../../base/layout.ts';
import type { FunctionBody } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';
import { type ColdImports, operand, word } from './operands.ts';
import { Step } from './records.ts';

const C = CODE;

/** What the trace's steps need of the interpreter that is being written. */
export interface RingSteps {
  readonly f: FunctionBody;
  readonly imports: ColdImports;
  /** Locals, i32: instructions that may still run; the entry of the block that runs. */
  readonly left: number;
  readonly block: number;
  /** Goes to the next record. */
  next(): void;
}

/** The code of the steps that trace: the ring's pointer stays in its cell, where regions find it. @param steps by number, to be added to */
export function ringSteps(x: RingSteps, steps: (() => void)[]): void {
  steps[Step.ringReserve] = () => reserve(x);
  steps[Step.ringStep] = () => step(x);
  steps[Step.ringStore8] = () => store(x, C['i32.load8_u'], C['i32.store8']);
  steps[Step.ringStore16] = () => store(x, C['i32.load16_u'], C['i32.store16']);
  steps[Step.ringStore32] = () => store(x, C['i32.load'], C['i32.store']);
  steps[Step.ringStore64] = () => store(x, C['i64.load'], C['i64.store']);
  steps[Step.ringStore128] = () => store(x, C['v128.load'], C['v128.store']);
  steps[Step.ringCommit] = () => commit(x);
  steps[Step.count] = () => count(x);
}

function reserve(x: RingSteps): void {
  const { f, imports } = x;
  f.loadCell('i32', Cell.ringPointer);
  f.loadCell('i32', Cell.ringLimit);
  f.op(C['i32.gt_u']);
  f.if();
  f.call(imports.ringFull);
  f.end();
  f.loadCell('i32', Cell.ringPointer);
  word(f, 12);
  f.memory(C['i32.store'], 0);
  x.next();
}

/** Pushes the place in the record that operand c says. */
function place(f: FunctionBody): void {
  f.loadCell('i32', Cell.ringPointer);
  word(f, 12);
  f.op(C['i32.add']);
}

/** What is left has been reduced by the block's instructions. */
function step(x: RingSteps): void {
  const { f, left, block } = x;
  place(f);
  f.loadCell('i32', Cell.stepBase);
  f.get(left);
  f.op(C['i32.sub']);
  f.loadCell('i32', Cell.setAside);
  f.op(C['i32.sub']);
  f.get(block);
  f.memory(C['i32.load'], 4);
  f.op(C['i32.sub']);
  f.memory(C['i32.store'], 0);
  x.next();
}

function store(x: RingSteps, load: number, code: number): void {
  const { f } = x;
  place(f);
  word(f, 4);
  f.memory(load, 0);
  f.memory(code, 0);
  x.next();
}

function commit(x: RingSteps): void {
  const { f } = x;
  f.i32(0);
  f.loadCell('i32', Cell.ringPointer);
  word(f, 12);
  f.i32(0);
  word(f, 4);
  f.if('i32');
  operand(f, 0, 'i32');
  f.else();
  f.i32(1);
  f.end();
  f.op(C.select);
  f.op(C['i32.add']);
  f.memory(C['i32.store'], Cell.ringPointer);
  x.next();
}

function count(x: RingSteps): void {
  const { f } = x;
  f.i32(0);
  word(f, 12);
  f.memory(C['i32.store'], Cell.countedBlock);
  f.i32(0);
  f.loadCell('i64', Cell.counted);
  word(f, 8);
  f.op(C['i64.extend_i32_u']);
  f.op(C['i64.add']);
  f.memory(C['i64.store'], Cell.counted);
  x.next();
}
