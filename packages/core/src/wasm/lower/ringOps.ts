import { Cell } from '../../base/index.ts';
import { type Block, type IrBuffer, NONE, OP, type Ty } from '../../ir/index.ts';
import { CODE } from '../opcodes.ts';
import type { Context } from './context.ts';
import { emitMark } from './mark.ts';
import { callRuntime } from './runtime.ts';
import { emitValue } from './values.ts';

const C = CODE;

/** The ops that trace and replay put in: room for a block's record, the values in it, and its end; a count; a mark. */
export function emitRingOp(x: Context, i: number): void {
  const { body, buffer } = x;
  const { op, a, imm, imm2 } = buffer;
  switch (op[i]) {
    case OP.ringReserve:
      x.hasRecord = true;
      if (!x.ringIsChecked) checkRing(x);
      body.get(x.ringPointer);
      body.i32(imm[i]);
      return body.memory(C['i32.store'], 0);
    case OP.ringStep:
      // What is left has been reduced by this block's instructions.
      body.get(x.ringPointer);
      body.loadCell('i32', Cell.stepBase);
      body.get(x.left);
      body.op(C['i32.sub']);
      body.loadCell('i32', Cell.setAside);
      body.op(C['i32.sub']);
      body.i32(x.block.insns);
      body.op(C['i32.sub']);
      return body.memory(C['i32.store'], imm[i]);
    case OP.ringStore:
      body.get(x.ringPointer);
      emitValue(x, a[i]);
      return body.memory(storeCode(buffer.typeOf(a[i]), imm2[i]), imm[i]);
    case OP.mark:
      return emitMark(x, i);
    case OP.count:
      x.hasRecord = true;
      x.storeCell(Cell.countedBlock, imm[i]);
      return body.storeCell('i64', Cell.counted, () => {
        body.loadCell('i64', Cell.counted);
        body.i64(imm2[i], 0);
        body.op(C['i64.add']);
      });
    default:
      body.get(x.ringPointer);
      body.i32(imm[i]);
      if (a[i] !== NONE) {
        body.i32(0);
        emitValue(x, a[i]);
        body.op(C.select);
      }
      body.op(C['i32.add']);
      return body.set(x.ringPointer);
  }
}

/** Asks for another chunk of the ring where this one has no more room. */
export function checkRing(x: Context): void {
  const { body } = x;
  body.get(x.ringPointer);
  body.loadCell('i32', Cell.ringLimit);
  body.op(C['i32.gt_u']);
  body.unlikelyIf();
  x.storeLocalToCell(Cell.ringPointer, x.ringPointer);
  callRuntime(body, 'ringFull');
  body.loadCell('i32', Cell.ringPointer);
  body.set(x.ringPointer);
  body.end();
}

/** Bytes of all records of some blocks. */
export function ringBytes({ op, imm }: IrBuffer, blocks: readonly Block[]): number {
  let bytes = 0;
  for (const { start, end } of blocks) for (let i = start; i < end; i++) if (op[i] === OP.ringCommit) bytes += imm[i];
  return bytes;
}

function storeCode(type: Ty, bytes: number): number {
  if (type === 'v128') return C['v128.store'];
  if (type === 'f32' || type === 'f64') return C[`${type}.store`];
  const full = type === 'i32' ? 4 : 8;
  return C[bytes === full ? `${type}.store` : `${type}.store${bytes * 8}`];
}
