import { assert, BOUNCE } from '../../base/index.ts';
import { NONE, OP, OP_TABLE, type Ty } from '../../ir/index.ts';
import { WASM_OPCODE } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';
import type { AccessGroup } from './accessGroups.ts';
import type { Context, LoopSlot } from './context.ts';
import { Place } from './placement.ts';
import { callRuntime } from './runtime.ts';
import { emitValue } from './values.ts';

/*
 * Every access is checked against the arena that its memory check slot remembers:
 *
 *     slot + 0   lo     u64  first guest address of the arena
 *     slot + 8   limit  u64  the arena's bytes less the access's: `address - lo >u limit` rejects everything else,
 *                            high bits and accesses that run over the end included (the stack's slot: the arena's bytes)
 *     slot + 16  delta  u32  linear index = low half of the address + delta
 *
 * What an access adds to a register as a constant, its *displacement*, is in its slot's lo and delta instead, so that the
 * check and the index take the register as it is (the stack's slot has no displacement).
 *
 * On a miss, `readMiss` or `writeMiss` finds the arena and refills the slot, copies an access that straddles arenas
 * through the bounce buffer, or says that the access faults. The delta is read behind that, and leads this access where it
 * belongs even where the slot remembers nothing: so both ways come together without a value of their own.
 */
const C = CODE;

/** Index returned by readMiss and writeMiss for an access that faults (reads) or is not plain (writes). */
export const NO_INDEX = -1;

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

/**
 * Leaves the linear index of a checked access in a local and returns what the access adds to it as a constant.
 * The first access of a group checks the span of all; the others just use its index.
 */
function emitCheck(x: Context, i: number, bytes: number, value?: () => void): { readonly index: number; readonly offset: number } {
  const frameOffset = emitFrameAccess(x, i);
  if (frameOffset !== undefined) return { index: x.index, offset: frameOffset };
  const group = x.accesses.groupOf(i);
  if (group === undefined) {
    x.writeThrough(i);
    emitOneCheck(x, i, x.index, { bytes, before: 0, isWrite: value !== undefined, isShared: false }, () => {
      if (value !== undefined) emitSlowStore(x, i, bytes, value);
      else x.faultExit(x.placement.insn[i]);
    });
    return { index: x.index, offset: 0 };
  }
  if (group.first === i) {
    x.writeThrough(i);
    const { bytes, before, hasStore } = group;
    emitOneCheck(x, i, indexOf(x, group), { bytes, before, isWrite: hasStore, isShared: true }, () => x.carefulExit(x.placement.insn[i]));
  }
  assert(group.isKept || x.groupIndex.has(group), 'an access shares a check that is not made');
  return { index: indexOf(x, group), offset: x.accesses.groupOffset[i] };
}

/** The local of a group's linear index: one of the block's, or, where later blocks use it, of the region's. */
function indexOf(x: Context, group: AccessGroup): number {
  const indices = group.isKept ? x.keptIndex : x.groupIndex;
  let index = indices.get(group);
  if (index === undefined) {
    index = group.isKept ? x.body.local('i32') : x.temp('i32');
    indices.set(group, index);
  }
  return index;
}

/**
 * An access to the region's stack frame: checks the whole frame where that has not been done, and leaves the index of the
 * stack pointer (or, below it, of the access) in `x.index`. Returns the access's distance from there, or undefined if
 * this is no such access.
 */
function emitFrameAccess(x: Context, i: number): number | undefined {
  const { body, frame } = x;
  if (x.accesses.isStack[i] === 0 || frame === undefined || x.frameOffset === undefined || x.stackLo < 0) return undefined;
  const stackPointer = x.local(x.options.stackPointer.index);
  const distance = x.accesses.stackDistance[i];
  if (!x.frameChecked) {
    x.frameChecked = true;
    x.writeThrough(i);
    const bytes = frame.high - frame.low;
    body.get(stackPointer);
    // From the stack pointer as it is now to the frame's lowest byte
    const toLow = frame.low - x.frameOffset - (x.accesses.stackOffset[i] - distance);
    body.i64(toLow, toLow < 0 ? -1 : 0);
    body.op(C['i64.add']);
    body.tee(x.address);
    body.get(x.stackLo);
    body.op(C['i64.sub']);
    body.get(x.stackLimit);
    body.i64(bytes, 0);
    body.op(C['i64.sub']);
    body.op(C['i64.gt_u']);
    body.unlikelyIf();
    emitStackMiss(x, bytes, 'writeMiss');
    body.i32(NO_INDEX);
    body.op(C['i32.eq']);
    body.unlikelyIf();
    x.carefulExit(x.placement.insn[i]);
    body.end();
    loadStackSlot(x);
    body.end();
  }
  body.get(stackPointer);
  body.op(C['i32.wrap_i64']);
  body.get(x.stackDelta);
  body.op(C['i32.add']);
  if (distance < 0) {
    body.i32(distance);
    body.op(C['i32.add']);
  }
  body.set(x.index);
  return Math.max(distance, 0);
}

/** What is checked: bytes from so many below the access's address on. */
interface Span {
  readonly bytes: number;
  readonly before: number;
  readonly isWrite: boolean;
  /** Whether several accesses need it. */
  readonly isShared: boolean;
}

/** Checks a span of op `i`; its linear index goes to local `index`. */
function emitOneCheck(x: Context, i: number, index: number, span: Span, onFailure: () => void): void {
  const { bytes, before, isWrite } = span;
  const address = x.buffer.a[i];
  if (x.stackLo >= 0 && isStackAddress(x, address)) return emitStackCheck(x, address, index, span, onFailure);
  const { body } = x;
  const held = x.loopSlots.get(i);
  const slot = held?.slot ?? x.options.allocateSlot();
  const { push, displacement } = splitAddress(x, address, -before);
  push();
  if (held !== undefined) body.get(held.lo);
  else body.shiftedCell('i64', slot);
  body.op(C['i64.sub']);
  if (held !== undefined) body.get(held.limit);
  else body.shiftedCell('i64', slot + 8);
  body.op(C['i64.gt_u']);
  body.unlikelyIf();
  push();
  if (displacement !== 0) {
    body.i64(displacement, displacement >> 31);
    body.op(C['i64.add']);
  }
  body.tee(x.address);
  body.shiftedOffset(slot);
  body.i32(bytes);
  body.i32(displacement);
  callRuntime(body, isWrite ? 'writeMiss' : 'readMiss');
  hasFailed(x, span);
  body.unlikelyIf();
  onFailure();
  body.end();
  if (held !== undefined) loadLoopSlot(x, held);
  body.end();
  push();
  body.op(C['i32.wrap_i64']);
  if (held !== undefined) body.get(held.delta);
  else body.shiftedCell('i32', slot + 16);
  body.op(C['i32.add']);
  body.set(index);
}

/**
 * Makes the index that a miss has given 1 if the span cannot be accessed: there is none, or it is the bounce buffer's, which
 * the next access that straddles arenas, or the next store, would leave behind.
 */
function hasFailed({ body }: Context, { isShared }: Span): void {
  if (isShared) {
    body.i32(-NO_INDEX);
    body.op(C['i32.add']);
    body.i32(BOUNCE - NO_INDEX);
    return body.op(C['i32.le_u']);
  }
  body.i32(NO_INDEX);
  body.op(C['i32.eq']);
}

/**
 * An address plus `more` as a value, which `push` pushes as often as wanted, and a constant: the slot has that in it, so that
 * nothing need be added before the check.
 */
function splitAddress(x: Context, address: number, more: number): { readonly push: () => void; readonly displacement: number } {
  const { op, a, b, imm, imm2 } = x.buffer;
  const { place } = x.placement;
  let base = address;
  let displacement = more;
  const o = op[address];
  const constant = b[address];
  if ((o === OP.i64_add || o === OP.i64_sub) && place[address] === Place.inline && op[constant] === OP.i64_const) {
    const sum = more + (o === OP.i64_add ? imm[constant] : -imm[constant]);
    if (imm2[constant] === imm[constant] >> 31 && sum === (sum | 0)) {
      base = a[address];
      displacement = sum;
    }
  }
  if (place[base] === Place.local || op[base] === OP.getReg) return { push: () => emitValue(x, base), displacement };
  emitValue(x, base);
  const local = x.temp('i64');
  x.body.set(local);
  return { push: () => x.body.get(local), displacement };
}

/** As `emitOneCheck`, through the slot that all stack accesses share. */
function emitStackCheck(x: Context, address: number, index: number, span: Span, onFailure: () => void): void {
  const { body } = x;
  const { bytes, before, isWrite } = span;
  emitValue(x, address);
  if (before !== 0) {
    body.i64(before, 0);
    body.op(C['i64.sub']);
  }
  body.tee(x.address);
  body.op(C['i32.wrap_i64']);
  body.get(x.stackDelta);
  body.op(C['i32.add']);
  body.set(index);
  body.get(x.address);
  body.get(x.stackLo);
  body.op(C['i64.sub']);
  // The slot serves accesses of every width, so its limit is the arena's whole size
  body.get(x.stackLimit);
  body.i64(bytes, 0);
  body.op(C['i64.sub']);
  body.op(C['i64.gt_u']);
  body.unlikelyIf();
  emitStackMiss(x, bytes, isWrite ? 'writeMiss' : 'readMiss');
  body.tee(index);
  hasFailed(x, span);
  body.unlikelyIf();
  onFailure();
  body.end();
  loadStackSlot(x);
  body.end();
}

/** Asks for the linear index of a stack access at `x.address`. */
function emitStackMiss(x: Context, bytes: number, name: 'readMiss' | 'writeMiss'): void {
  const { body } = x;
  body.get(x.address);
  body.i32(x.options.stackSlot);
  body.i32(bytes);
  body.i32(0);
  callRuntime(body, name);
}

/** Loads what a slot remembers into its locals. */
export function loadLoopSlot(x: Context, { slot, lo, limit, delta }: LoopSlot): void {
  x.body.shiftedCell('i64', slot);
  x.body.set(lo);
  x.body.shiftedCell('i64', slot + 8);
  x.body.set(limit);
  x.body.shiftedCell('i32', slot + 16);
  x.body.set(delta);
}

/** The datum goes to the bounce buffer; storeSlow writes it where it belongs, or faults. The plain store that follows hits the bounce buffer. */
function emitSlowStore(x: Context, i: number, bytes: number, value: () => void): void {
  const { body, buffer } = x;
  body.i32(BOUNCE);
  value();
  body.memory(WASM_OPCODE[buffer.op[i]], 0);
  body.get(x.address);
  body.i32(bytes);
  body.get(x.left);
  callRuntime(body, 'storeSlow');
  body.tee(x.index);
  body.i32(-1);
  body.op(C['i32.eq']);
  body.if();
  x.faultExit(x.placement.insn[i]);
  body.end();
  // Where code was overwritten the region leaves at its next check: storeSlow has set its budget aside.
  body.get(x.left);
  body.get(x.index);
  body.op(C['i32.sub']);
  body.set(x.left);
  body.i32(BOUNCE);
  body.set(x.index);
}

export function emitLoad(x: Context, i: number): void {
  const { body, buffer } = x;
  const info = OP_TABLE[buffer.op[i]] as (typeof OP_TABLE)[number];
  const access = (): void => {
    const { index, offset } = emitCheck(x, i, info.bytes);
    body.get(index);
    body.memory(WASM_OPCODE[buffer.op[i]], offset);
  };
  if (buffer.c[i] === NONE) return access();
  emitIf(x, buffer.c[i], info.result as Ty, access);
  body.else();
  emitZero(x, info.result as Ty);
  body.end();
}

function emitZero({ body }: Context, type: Ty): void {
  switch (type) {
    case 'i32':
      return body.i32(0);
    case 'i64':
      return body.i64(0, 0);
    case 'f32':
      body.op(C['f32.const']);
      return body.code.fixed32(0);
    case 'f64':
      body.op(C['f64.const']);
      return body.code.bytes(new Uint8Array(8));
    case 'v128':
      body.op(C['v128.const']);
      return body.code.bytes(new Uint8Array(16));
  }
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
  const access = (): void => {
    const value = stableValue(x, buffer.b[i], info.args[1] as Ty);
    const { index, offset } = emitCheck(x, i, info.bytes, value);
    body.get(index);
    value();
    body.memory(WASM_OPCODE[buffer.op[i]], offset);
  };
  if (buffer.c[i] === NONE) return access();
  emitIf(x, buffer.c[i], undefined, access);
  body.end();
}

/** Opens an \`if\` around an access. What it would write through is not written on the other way, so nothing is. */
function emitIf(x: Context, condition: number, result: Ty | undefined, access: () => void): void {
  const { isDeferring } = x;
  emitValue(x, condition);
  x.body.if(result);
  x.isDeferring = true;
  access();
  x.isDeferring = isDeferring;
}
