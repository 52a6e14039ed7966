import { type Helper, OP, OP_TABLE, type Ty } from '../../ir/index.ts';
import { FunctionBody, WASM_OPCODE } from '../functionBody.ts';
import { ModuleBuilder } from '../module.ts';
import { CODE } from '../opcodes.ts';
import { AT, FUNCTION_PARAMS, operand, result, resultTo, TO_VALUE, valueAt, word } from './operands.ts';
import { HAS_DESTINATION, RECORD } from './records.ts';

const C = CODE;

/** Asks the machine to put the helper's function in its place, then calls it. */
export function lazyHelper(provide: number, functionType: number): FunctionBody {
  const f = new FunctionBody();
  f.reset(FUNCTION_PARAMS);
  f.get(AT);
  f.call(provide);
  f.get(AT);
  f.get(TO_VALUE);
  word(f, 12);
  f.returnCallIndirect(functionType);
  return f;
}

/**
 * The module whose export `call` calls a helper from a record: the offsets of its arguments stand behind the record, a
 * word each.
 */
export function coldHelperModule(memoryPages: number, shared: boolean, { name, args, result: type }: Helper): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(memoryPages, shared);
  const helper = module.import(`helper:${name}`, args, [type]);
  const f = new FunctionBody();
  f.reset(FUNCTION_PARAMS);
  result(f, type, () => {
    args.forEach((arg, n) => {
      word(f, RECORD + 4 * n);
      f.memory(C[`${arg}.load`] as number, 0);
    });
    f.call(helper);
  });
  module.add(module.type(FUNCTION_PARAMS, []), f, 'call');
  return module.finish();
}

/** An op of up to three operands that is one Wasm instruction; of selects, the condition comes last in Wasm. */
export function pureOp(f: FunctionBody, op: number): void {
  const info = OP_TABLE[op] as (typeof OP_TABLE)[number];
  const isSelect = info.name.endsWith('_select');
  const give = HAS_DESTINATION[op] === 1 ? resultTo : result;
  give(f, info.result as Ty, () => {
    info.args.forEach((type, n) => {
      if (!isSelect || n > 0) operand(f, n, type);
    });
    if (isSelect) operand(f, 0, 'i32');
    f.op(op === OP.i8x16_relaxed_swizzle ? C['i8x16.swizzle'] : (WASM_OPCODE[op] as number));
  });
}

/** Writes the function of an IR op. */
export function calledOp(f: FunctionBody, op: number, fusesMadd: boolean): void {
  f.reset(FUNCTION_PARAMS);
  const info = OP_TABLE[op] as (typeof OP_TABLE)[number];
  if (info.kind === 'pure') pureOp(f, op);
  else if (info.kind === 'lane') laneOp(f, info.name, info.args, info.result as Ty);
  else if (op === OP.i8x16_shuffle) shuffle(f);
  else fusedMadd(f, 32, fusesMadd);
}

/** The instruction that reads or writes one lane in memory, by the op's shape. */
const LANE_LOADS: Readonly<Record<string, string>> = {
  i8x16_extract_lane_s: 'i32.load8_s',
  i8x16_extract_lane_u: 'i32.load8_u',
  i16x8_extract_lane_s: 'i32.load16_s',
  i16x8_extract_lane_u: 'i32.load16_u',
  i32x4_extract_lane: 'i32.load',
  i64x2_extract_lane: 'i64.load',
  f32x4_extract_lane: 'i32.load',
  f64x2_extract_lane: 'i64.load',
};
const LANE_STORES: Readonly<Record<string, string>> = {
  i8x16_replace_lane: 'i32.store8',
  i16x8_replace_lane: 'i32.store16',
  i32x4_replace_lane: 'i32.store',
  i64x2_replace_lane: 'i64.store',
  f32x4_replace_lane: 'i32.store',
  f64x2_replace_lane: 'i64.store',
};

/** Lanes by way of memory: operand a of an extraction is the lane's own place; c of a replacement is the lane's offset. */
function laneOp(f: FunctionBody, name: string, args: readonly Ty[], type: Ty): void {
  const load = LANE_LOADS[name];
  if (load !== undefined) {
    const bits = type === 'i64' || type === 'f64' ? 'i64' : 'i32';
    return result(f, bits, () => {
      word(f, 4);
      f.memory(C[load] as number, 0);
    });
  }
  result(f, 'v128', () => operand(f, 0, 'v128'));
  valueAt(f);
  word(f, 12);
  f.op(C['i32.add']);
  operand(f, 1, args[1] === 'i64' || args[1] === 'f64' ? 'i64' : 'i32');
  f.memory(C[LANE_STORES[name] as string] as number, 0);
}

/** Bytes of a and b chosen by the constant c: swizzles give 0 for indices beyond 15. */
function shuffle(f: FunctionBody): void {
  result(f, 'v128', () => {
    operand(f, 0, 'v128');
    operand(f, 2, 'v128');
    f.op(C['i8x16.swizzle']);
    operand(f, 1, 'v128');
    operand(f, 2, 'v128');
    f.i32(16);
    f.op(C['i8x16.splat']);
    f.op(C['i8x16.sub']);
    f.op(C['i8x16.swizzle']);
    f.op(C['v128.or']);
  });
}

/** Without a host that fuses, no block holds the op. */
export function fusedMadd(f: FunctionBody, width: 32 | 64, fusesMadd: boolean): void {
  f.reset(FUNCTION_PARAMS);
  if (!fusesMadd) f.op(C.unreachable);
  else
    result(f, 'v128', () => {
      for (let n = 0; n < 3; n++) operand(f, n, 'v128');
      f.op(C[width === 32 ? 'f32x4.relaxed_madd' : 'f64x2.relaxed_madd']);
    });
}
