/**
 * WebAssembly opcodes by mnemonic (WebAssembly Core Specification, appendix "Index of Instructions"). Numbers from
 * 0xfc00 and 0xfd00 up are two-part opcodes: prefix byte 0xfc or 0xfd, then what is above it as LEB128.
 */

/** What follows an opcode in the binary. */
export type Immediate =
  | 'none'
  | 'blockType'
  | 'label'
  | 'labels'
  | 'function'
  | 'typeAndTable'
  | 'local'
  | 'global'
  | 'memory'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'lane'
  | 'bytes16'
  | 'memoryIndex';

export interface Opcode {
  readonly name: string;
  readonly code: number;
  readonly immediate: Immediate;
}

/** Opcodes with consecutive numbers; `-` is none. */
interface Run {
  readonly first: number;
  readonly immediate: Immediate;
  readonly names: string;
}

const run = (first: number, immediate: Immediate, names: string): Run => ({ first, immediate, names });

const COMPARE_INT = (t: string): string => ['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'].map((op) => `${t}.${op}`).join(' ');
const COMPARE_FLOAT = (t: string): string => ['eq', 'ne', 'lt', 'gt', 'le', 'ge'].map((op) => `${t}.${op}`).join(' ');
const INT_OPS = (t: string): string =>
  ['clz', 'ctz', 'popcnt', 'add', 'sub', 'mul', 'div_s', 'div_u', 'rem_s', 'rem_u', 'and', 'or', 'xor', 'shl', 'shr_s', 'shr_u', 'rotl', 'rotr']
    .map((op) => `${t}.${op}`)
    .join(' ');
const FLOAT_OPS = (t: string): string =>
  ['abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt', 'add', 'sub', 'mul', 'div', 'min', 'max', 'copysign'].map((op) => `${t}.${op}`).join(' ');

const RUNS: readonly Run[] = [
  run(0x00, 'none', 'unreachable nop'),
  run(0x02, 'blockType', 'block loop if'),
  run(0x05, 'none', 'else'),
  run(0x0b, 'none', 'end'),
  run(0x0c, 'label', 'br br_if'),
  run(0x0e, 'labels', 'br_table'),
  run(0x0f, 'none', 'return'),
  run(0x10, 'function', 'call'),
  run(0x11, 'typeAndTable', 'call_indirect'),
  run(0x12, 'function', 'return_call'),
  run(0x13, 'typeAndTable', 'return_call_indirect'),
  run(0x1a, 'none', 'drop select'),
  run(0x20, 'local', 'local.get local.set local.tee'),
  run(0x23, 'global', 'global.get'),
  run(
    0x28,
    'memory',
    'i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u',
  ),
  run(0x36, 'memory', 'i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16 i64.store32'),
  run(0x41, 'i32', 'i32.const'),
  run(0x42, 'i64', 'i64.const'),
  run(0x43, 'f32', 'f32.const'),
  run(0x44, 'f64', 'f64.const'),
  run(0x45, 'none', `i32.eqz ${COMPARE_INT('i32')} i64.eqz ${COMPARE_INT('i64')} ${COMPARE_FLOAT('f32')} ${COMPARE_FLOAT('f64')}`),
  run(0x67, 'none', `${INT_OPS('i32')} ${INT_OPS('i64')} ${FLOAT_OPS('f32')} ${FLOAT_OPS('f64')}`),
  run(
    0xa7,
    'none',
    'i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u',
  ),
  run(
    0xb2,
    'none',
    'f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64 f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32',
  ),
  run(
    0xbc,
    'none',
    'i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64 i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s',
  ),
  run(
    0xfc00,
    'none',
    'i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u',
  ),
  run(0xfd00, 'memory', 'v128.load'),
  run(0xfd0b, 'memory', 'v128.store'),
  run(0xfd0c, 'bytes16', 'v128.const i8x16.shuffle'),
  run(0xfd0e, 'none', 'i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat'),
  run(
    0xfd15,
    'lane',
    'i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane i16x8.extract_lane_s i16x8.extract_lane_u i16x8.replace_lane i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane',
  ),
  run(0xfd23, 'none', `${COMPARE_INT('i8x16')} ${COMPARE_INT('i16x8')} ${COMPARE_INT('i32x4')} ${COMPARE_FLOAT('f32x4')} ${COMPARE_FLOAT('f64x2')}`),
  run(0xfd4d, 'none', 'v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect v128.any_true'),
  run(0xfd5e, 'none', 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4'),
  run(
    0xfd60,
    'none',
    'i8x16.abs i8x16.neg i8x16.popcnt i8x16.all_true i8x16.bitmask i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest i8x16.shl i8x16.shr_s i8x16.shr_u i8x16.add i8x16.add_sat_s i8x16.add_sat_u i8x16.sub i8x16.sub_sat_s i8x16.sub_sat_u f64x2.ceil f64x2.floor i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u f64x2.trunc i8x16.avgr_u i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u',
  ),
  run(
    0xfd80,
    'none',
    'i16x8.abs i16x8.neg i16x8.q15mulr_sat_s i16x8.all_true i16x8.bitmask i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u i16x8.shl i16x8.shr_s i16x8.shr_u i16x8.add i16x8.add_sat_s i16x8.add_sat_u i16x8.sub i16x8.sub_sat_s i16x8.sub_sat_u f64x2.nearest i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u - i16x8.avgr_u i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u',
  ),
  run(
    0xfda0,
    'none',
    'i32x4.abs i32x4.neg - i32x4.all_true i32x4.bitmask - - i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add - - i32x4.sub - - - i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u i32x4.dot_i16x8_s - i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_u',
  ),
  run(
    0xfdc0,
    'none',
    'i64x2.abs i64x2.neg - i64x2.all_true i64x2.bitmask - - i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add - - i64x2.sub - - - i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u',
  ),
  run(
    0xfde0,
    'none',
    'f32x4.abs f32x4.neg - f32x4.sqrt f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax f64x2.abs f64x2.neg - f64x2.sqrt f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u',
  ),
  run(0xfe00, 'none', 'i8x16.relaxed_swizzle'),
  run(0xfe05, 'none', 'f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd'),
];

function visit(each: (name: string, code: number, immediate: Immediate) => void): void {
  for (const { first, immediate, names } of RUNS) {
    for (const [i, name] of names.split(' ').entries()) if (name !== '-') each(name, first + i, immediate);
  }
}

/** Every opcode. */
export function opcodes(): readonly Opcode[] {
  const all: Opcode[] = [];
  visit((name, code, immediate) => all.push({ name, code, immediate }));
  return all;
}

function codesByName(): Readonly<Record<string, number>> {
  // A dictionary from the start: an ordinary object of hundreds of properties takes milliseconds, one shape a property.
  const codes = Object.create(null) as Record<string, number>;
  visit((name, code) => {
    codes[name] = code;
  });
  return codes;
}

/** Opcode numbers by mnemonic. The bundle has them as numbers where they are named (scripts/inlineTables.mjs). */
export const CODE = codesByName();

/** Encodings of the value types. */
export const VALUE_TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
/** Block type of a block without parameters and results. */
export const VOID = 0x40;
