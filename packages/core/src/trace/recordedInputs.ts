import { assert } from '../base/index.ts';
import { type Block, IrBuffer, IrBuilder, OP, OP_TABLE, type Value } from '../ir/index.ts';
import { Copier } from './copier.ts';
import type { PlannedStore } from './layout.ts';

/**
 * Copies a block that is to be run again, away from its guest: what it loaded, and inputs, come from its record of level
 * `loads`; it stores nothing and cannot fault.
 * @param inputs what the record has, in order
 * @param recordAt linear offset of the record
 */
export function withRecordedInputs(
  from: IrBuffer,
  block: Block,
  inputs: readonly PlannedStore[],
  recordAt: number,
): { readonly buffer: IrBuffer; readonly block: Block } {
  const to = new IrBuilder(new IrBuffer(block.end - block.start));
  const copy = new Copier(from, to);
  let next = 0;
  for (let i = block.start; i < block.end; i++) {
    const op = from.op[i];
    const { kind } = OP_TABLE[op];
    if (kind === 'store' || op === OP.checkAligned || op === OP.trapIf) continue;
    if (kind !== 'load' && op !== OP.input) copy.op(i);
    else copy.rename(i, recorded(to, op, recordAt + (inputs[next++] as PlannedStore).slot.offset));
  }
  return { buffer: to.buffer, block: { ...block, start: 0, end: to.buffer.length, terminator: { kind: 'exit', next: 0 } } };
}

/** The result of a load, or of `input`, from the bytes at a linear offset. What comes behind them there does not matter. */
function recorded(ir: IrBuilder, op: number, at: number): Value {
  const bits = ir.counterGet(at);
  const low = ir.i32_wrap_i64(bits);
  switch (op) {
    case OP.input:
    case OP.i64_load:
      return bits;
    case OP.i64_load32_u:
      return ir.i64_extend_i32_u(low);
    case OP.i64_load32_s:
      return ir.i64_extend_i32_s(low);
    case OP.i64_load16_u:
      return ir.i64_extend_i32_u(ir.i32_and(low, ir.i32_const(0xffff)));
    case OP.i64_load16_s:
      return ir.i64_extend16_s(bits);
    case OP.i64_load8_u:
      return ir.i64_extend_i32_u(ir.i32_and(low, ir.i32_const(0xff)));
    case OP.i64_load8_s:
      return ir.i64_extend8_s(bits);
    case OP.i32_load:
      return low;
    case OP.i32_load16_u:
      return ir.i32_and(low, ir.i32_const(0xffff));
    case OP.i32_load16_s:
      return ir.i32_extend16_s(low);
    case OP.i32_load8_u:
      return ir.i32_and(low, ir.i32_const(0xff));
    case OP.i32_load8_s:
      return ir.i32_extend8_s(low);
    case OP.f32_load:
      return ir.f32_reinterpret_i32(low);
    case OP.f64_load:
      return ir.f64_reinterpret_i64(bits);
    default:
      assert(op === OP.v128_load, `${OP_TABLE[op].name} gives nothing that a record has`);
      return ir.i64x2_replace_lane(ir.i64x2_splat(bits), ir.counterGet(at + 8), 1);
  }
}
