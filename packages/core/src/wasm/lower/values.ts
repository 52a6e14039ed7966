import { assert } from '../../base/index.ts';
import { type Helper, NONE, OP, OP_TABLE } from '../../ir/index.ts';
import { WASM_OPCODE } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';
import type { Context } from './context.ts';
import { emitFlagTest, emitGetNzcv } from './flags.ts';
import { emitLoad } from './memoryAccess.ts';
import { Place } from './placement.ts';
import { callRuntime } from './runtime.ts';

const C = CODE;

/** Pushes a value: from its local, or by its code where it is made in place. */
export function emitValue(x: Context, value: number): void {
  const place = x.placement.place[value];
  if (place === Place.local || place === Place.nested) return x.body.get(x.valueLocal[value]);
  emitCode(x, value);
}

/** Code of an op that has a value; leaves it on the stack. */
export function emitCode(x: Context, i: number): void {
  const { buffer, body } = x;
  const op = buffer.op[i];
  const direct = WASM_OPCODE[op];
  const info = OP_TABLE[op] as (typeof OP_TABLE)[number];
  const imm = buffer.imm[i];
  switch (info.kind) {
    case 'pure':
      if (direct === C.select) {
        // Wasm's select takes the condition last
        emitValue(x, buffer.b[i]);
        emitValue(x, buffer.c[i]);
        emitValue(x, buffer.a[i]);
      } else {
        emitValue(x, buffer.a[i]);
        if (buffer.b[i] !== NONE) emitValue(x, buffer.b[i]);
        if (buffer.c[i] !== NONE) emitValue(x, buffer.c[i]);
      }
      return body.op(op === OP.i8x16_relaxed_swizzle && !x.options.relaxedSwizzle ? C['i8x16.swizzle'] : direct);
    case 'lane':
      emitValue(x, buffer.a[i]);
      if (buffer.b[i] !== NONE) emitValue(x, buffer.b[i]);
      body.op(direct);
      return body.code.byte(imm);
    case 'load':
      return emitLoad(x, i);
    case 'store':
      throw new Error('a store has no value');
    case 'special':
      return emitSpecial(x, i, op, imm);
  }
}

function emitSpecial(x: Context, i: number, op: number, imm: number): void {
  const { buffer, body } = x;
  switch (op) {
    case OP.i32_const:
      return body.i32(imm);
    case OP.i64_const:
      return body.i64(imm, buffer.imm2[i]);
    case OP.f32_const:
      body.op(C['f32.const']);
      return body.code.fixed32(imm);
    case OP.f64_const:
      body.op(C['f64.const']);
      body.code.fixed32(imm);
      return body.code.fixed32(buffer.imm2[i]);
    case OP.v128_const:
      return emitVectorConstant(x, buffer.constants[imm] as Uint8Array);
    case OP.i8x16_shuffle:
      return emitShuffle(x, i, buffer.constants[imm] as Uint8Array);
    case OP.fusedMadd:
      emitValue(x, buffer.a[i]);
      emitValue(x, buffer.b[i]);
      emitValue(x, buffer.c[i]);
      return body.op(imm === 64 ? C['f64x2.relaxed_madd'] : C['f32x4.relaxed_madd']);
    case OP.getReg:
      return body.get(x.local(imm));
    case OP.flagTest:
      return emitFlagTest(x, imm);
    case OP.getNzcv:
      return emitGetNzcv(x);
    case OP.arg:
      return body.get(imm);
    case OP.counterGet:
      return body.loadCell('i64', imm);
    case OP.input:
      body.i32(imm);
      return callRuntime(body, 'input');
    case OP.helper:
      return emitHelperCall(x, i);
    case OP.coldHelper: {
      const inner = x.placement.inner[i];
      const innerLocal = inner === NONE ? -1 : startColdHelper(x, inner);
      const local = startColdHelper(x, i);
      emitValue(x, buffer.a[i]);
      body.unlikelyIf();
      if (inner !== NONE) emitColdCall(x, inner, innerLocal);
      emitHelperCall(x, i);
      body.set(local);
      body.end();
      if (inner !== NONE) x.valueLocal[inner] = innerLocal;
      return body.get(local);
    }
    default:
      assert(false, `${OP_TABLE[op]?.name} has no value`);
  }
}

/** Leaves a cold helper's value where its condition is 0 in a local, and returns that. */
function startColdHelper(x: Context, i: number): number {
  const local = x.temp(x.buffer.typeOf(i));
  emitValue(x, x.buffer.b[i]);
  x.body.set(local);
  return local;
}

/** Within another cold path, calls a cold helper where its own condition holds, too. */
function emitColdCall(x: Context, i: number, local: number): void {
  emitValue(x, x.buffer.a[i]);
  x.body.if();
  emitHelperCall(x, i);
  x.body.set(local);
  x.body.end();
}

function emitVectorConstant(x: Context, bytes: Uint8Array): void {
  const { body } = x;
  const offset = x.options.constantOffset(bytes);
  if (offset !== undefined) return body.shiftedCell('v128', offset);
  body.op(C['v128.const']);
  body.code.bytes(bytes);
}

/** Engines make one or two instructions of shuffles that move whole words or turn the vector, but five of others, where a swizzle is two. */
function emitShuffle(x: Context, i: number, lanes: Uint8Array): void {
  const { buffer, body } = x;
  emitValue(x, buffer.a[i]);
  if (buffer.a[i] === buffer.b[i] && x.options.relaxedSwizzle) {
    const bytes = lanes.map((lane) => lane & 15);
    const movesWords = bytes.every((lane, at) => (lane & 3) === (at & 3) && lane >> 2 === (bytes[at & 12] as number) >> 2);
    const turns = bytes.every((lane, at) => lane === (((bytes[0] as number) + at) & 15));
    if (!movesWords && !turns && x.options.constantOffset(bytes) !== undefined) {
      emitVectorConstant(x, bytes);
      return body.op(C['i8x16.relaxed_swizzle']);
    }
  }
  emitValue(x, buffer.b[i]);
  body.op(C['i8x16.shuffle']);
  body.code.bytes(lanes);
}

function emitHelperCall(x: Context, i: number): void {
  const { buffer } = x;
  const helper = buffer.helpers[buffer.imm[i]] as Helper;
  for (let k = 0; k < helper.args.length; k++) emitValue(x, buffer.callArgs[buffer.imm2[i] + k] as number);
  if (x.module === undefined) x.body.callHelper(x.helperNumber(helper));
  else x.body.call(x.module.import(`helper:${helper.name}`, helper.args, [helper.result]));
}
