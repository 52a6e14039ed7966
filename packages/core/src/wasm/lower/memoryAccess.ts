import { BOUNCE, Cell } from '../../base/index.ts';
import { NONE, OP, OP_TABLE, type Ty } from '../../ir/index.ts';
import { WASM_OPCODE } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';
import type { Context } from './context.ts';
import { Place } from './placement.ts';
import { emitValue } from './values.ts';

/*
 * Every access is checked against the arena that its memory check slot remembers:
 *
 *     slot + 0   lo     u64  first guest address of the arena
 *     slot + 8   limit  u64  the arena's bytes less the access's: `address - lo >u limit` rejects everything else,
 *                            high bits and accesses that run over the end included
 *     slot + 16  delta  u32  linear index = low half of the address + delta
 *
 * On a miss, `readMiss` or `writeMiss` finds the arena and refills the slot, copies an access that straddles arenas
 * through the bounce buffer, or says that the access faults.
 */
const C = CODE;

/** Index returned by readMiss and writeMiss for an access that faults (reads) or is not plain (writes). */
export const NO_INDEX = -1;
/** What a stack access's slot allows for beyond the address: the widest access. */
export const STACK_SLACK = 64;

/** True if the address is the stack pointer, or that plus a constant. */
export function isStackAddress(x: Context, address: number): boolean {
  const { op, a, b, imm } = x.buffer;
  const stackPointer = x.options.stackPointer.index;
  if (op[address] === OP.getReg) return imm[address] === stackPointer;
  if (op[address] !== OP.i64_add || op[b[address]] !== OP.i64_const) return false;
  return op[a[address]] === OP.getReg && imm[a[address]] === stackPointer;
}

/** Loads what the stack's slot remembers into locals; at the region's start and after anything that may change it. */
export function loadStackSlot(x: Context): void {
  if (x.stackLo < 0) return;
  x.body.loadCell('i64', x.options.stackSlot);
  x.body.set(x.stackLo);
  x.body.loadCell('i64', x.options.stackSlot + 8);
  x.body.set(x.stackLimit);
  x.body.loadCell('i32', x.options.stackSlot + 16);
  x.body.set(x.stackDelta);
}

/** Leaves the linear index of a checked access in `x.index`. */
function emitCheck(x: Context, i: number, bytes: number, value?: () => void): void {
  const { body, buffer } = x;
  const address = buffer.a[i];
  const onStack = x.stackLo >= 0 && isStackAddress(x, address);
  const slot = onStack ? x.options.stackSlot : x.options.allocateSlot();
  emitValue(x, address);
  body.tee(x.address);
  body.op(C['i32.wrap_i64']);
  if (onStack) body.get(x.stackDelta);
  else body.loadCell('i32', slot + 16);
  body.op(C['i32.add']);
  body.set(x.index);
  body.get(x.address);
  if (onStack) body.get(x.stackLo);
  else body.loadCell('i64', slot);
  body.op(C['i64.sub']);
  if (onStack) body.get(x.stackLimit);
  else body.loadCell('i64', slot + 8);
  body.op(C['i64.gt_u']);
  body.if();
  body.get(x.address);
  body.i32(slot);
  body.i32(bytes);
  body.call(x.module.import(value !== undefined ? 'writeMiss' : 'readMiss', ['i64', 'i32', 'i32'], ['i32']));
  body.tee(x.index);
  body.i32(NO_INDEX);
  body.op(C['i32.eq']);
  body.if();
  if (value !== undefined) emitSlowStore(x, i, bytes, value);
  else x.faultExit(x.placement.insn[i]);
  body.end();
  if (onStack) loadStackSlot(x);
  body.end();
}

/** The datum goes to the bounce buffer; storeSlow writes it where it belongs, or faults. The plain store that follows hits the bounce buffer. */
function emitSlowStore(x: Context, i: number, bytes: number, value: () => void): void {
  const { body, buffer } = x;
  body.i32(0);
  value();
  body.memory(WASM_OPCODE[buffer.op[i]], BOUNCE);
  body.get(x.address);
  body.i32(bytes);
  body.call(x.module.import('storeSlow', ['i64', 'i32'], ['i32']));
  body.if();
  x.faultExit(x.placement.insn[i]);
  body.end();
  body.i32(BOUNCE);
  body.set(x.index);
  // Where code was overwritten the region leaves at its next check: the rest of its budget is set aside.
  body.loadCell('i32', Cell.leave);
  body.if();
  x.storeLocalToCell(Cell.setAside, x.left);
  body.i32(0);
  body.set(x.left);
  x.storeCell(Cell.leave, 0);
  body.end();
}

export function emitLoad(x: Context, i: number): void {
  const info = OP_TABLE[x.buffer.op[i]] as (typeof OP_TABLE)[number];
  emitCheck(x, i, info.bytes);
  x.body.get(x.index);
  x.body.memory(WASM_OPCODE[x.buffer.op[i]], 0);
}

/** Pushes the value when called, as often as wanted: what is not a constant or a register goes through a local first. */
function stableValue(x: Context, value: number, type: Ty): () => void {
  const op = x.buffer.op[value];
  const simple = x.placement.place[value] === Place.local || op === OP.getReg || op === OP.i32_const || op === OP.i64_const;
  if (simple) return () => emitValue(x, value);
  emitValue(x, value);
  const local = x.temp(type);
  x.body.set(local);
  return () => x.body.get(local);
}

export function emitStore(x: Context, i: number): void {
  const { body, buffer } = x;
  const info = OP_TABLE[buffer.op[i]] as (typeof OP_TABLE)[number];
  const conditional = buffer.c[i] !== NONE;
  if (conditional) {
    emitValue(x, buffer.c[i]);
    body.if();
  }
  const value = stableValue(x, buffer.b[i], info.args[1] as Ty);
  emitCheck(x, i, info.bytes, value);
  body.get(x.index);
  value();
  body.memory(WASM_OPCODE[buffer.op[i]], 0);
  if (conditional) body.end();
}
