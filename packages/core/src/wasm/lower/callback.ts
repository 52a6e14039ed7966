import { Cell } from '../../base/layout.ts';
import { insnPc, NONE } from '../../ir/index.ts';
import { EVENT_CAREFUL } from '../constants.ts';
import { CODE } from '../opcodes.ts';
import type { Context } from './context.ts';
import { callRuntime } from './runtime.ts';
import { emitValue } from './values.ts';

/**
 * A plugin's callback within a block. What it sees is exact: registers, pc and steps, as before the instruction that it
 * belongs to. Where it may leave and wants to, the CPU state is as it left it: nothing is stored over that.
 */
export function emitCallback(x: Context, i: number): void {
  const { block, body, buffer } = x;
  const condition = buffer.a[i];
  const mayLeave = buffer.imm2[i] === 1;
  const insn = x.placement.insn[i];
  if (condition !== NONE) {
    emitValue(x, condition);
    body.unlikelyIf();
  }
  x.storeDirty();
  x.storeLocalToCell(Cell.left, x.left, block.insns - insn);
  if (x.options.ring) x.storeLocalToCell(Cell.ringPointer, x.ringPointer);
  x.storePc(insnPc(block, insn));
  body.i32(buffer.imm[i]);
  callRuntime(body, 'callback');
  if (mayLeave) {
    body.unlikelyIf();
    x.storeCell(Cell.event, EVENT_CAREFUL);
    x.storeCell(Cell.trapArgument, block.insns - insn);
    // Who asked for the callback need not have a record of the block.
    x.storeCell(Cell.faultInsns, x.hasRecord ? insn : -1);
    x.returnEvent();
    body.end();
  } else body.op(CODE.drop);
  if (condition !== NONE) body.end();
}
