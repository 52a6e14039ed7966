import { type IrBuilder, irHelper, type Value } from '../../../ir/index.ts';

/**
 * NaN results by Arm's rules (FPProcessNaNs, Arm ARM J1.3) under FPCR.DN = 0: the first operand that is a signalling NaN,
 * else the first that is a quiet one, with its quiet bit set; the default NaN where no operand is a NaN.
 *
 * Wasm says only that a result is some NaN. So arithmetic uses the plain Wasm op, and where its result is a NaN, a cold
 * helper finds the right bits from the operands. NaNs only go through moves, selects and bit operations here, which
 * keep their bits.
 */

const QUIET64 = 0x0008_0000;
const DEFAULT_NAN64 = 0x7ff8_0000;
const QUIET32 = 0x0040_0000;
const DEFAULT_NAN32 = 0x7fc0_0000;

/** A NaN operand on its way through `firstNan`. */
interface Operand64 {
  readonly quieted: Value<'i64'>;
  readonly isNan: Value<'i32'>;
  readonly signals: Value<'i32'>;
}

function operand64(ir: IrBuilder, x: Value<'f64'>): Operand64 {
  const bits = ir.i64_reinterpret_f64(x);
  const quieted = ir.i64_or(bits, ir.i64_halves(0, QUIET64));
  const isNan = ir.f64_ne(x, x);
  return { quieted, isNan, signals: ir.i32_and(isNan, ir.i64_ne(bits, quieted)) };
}

/** The NaN among `operands` (in order of precedence) that Arm's rules pick, or the default NaN. */
function firstNan64(ir: IrBuilder, ...operands: Value<'f64'>[]): Value<'f64'> {
  const taken = operands.map((x) => operand64(ir, x));
  let result: Value<'i64'> = ir.i64_halves(0, DEFAULT_NAN64);
  for (const { isNan, quieted } of [...taken].reverse()) result = ir.i64_select(isNan, quieted, result);
  for (const { signals, quieted } of [...taken].reverse()) result = ir.i64_select(signals, quieted, result);
  return ir.f64_reinterpret_i64(result);
}

function operand32(ir: IrBuilder, x: Value<'f32'>): { quieted: Value<'i32'>; isNan: Value<'i32'>; signals: Value<'i32'> } {
  const bits = ir.i32_reinterpret_f32(x);
  const quieted = ir.i32_or(bits, ir.i32_const(QUIET32));
  const isNan = ir.f32_ne(x, x);
  return { quieted, isNan, signals: ir.i32_and(isNan, ir.i32_ne(bits, quieted)) };
}

function firstNan32(ir: IrBuilder, ...operands: Value<'f32'>[]): Value<'f32'> {
  const taken = operands.map((x) => operand32(ir, x));
  let result: Value<'i32'> = ir.i32_const(DEFAULT_NAN32);
  for (const { isNan, quieted } of [...taken].reverse()) result = ir.i32_select(isNan, quieted, result);
  for (const { signals, quieted } of [...taken].reverse()) result = ir.i32_select(signals, quieted, result);
  return ir.f32_reinterpret_i32(result);
}

/** Bit IOC of FPSR for an operation whose result is a NaN: an operand signals, or none is a NaN. */
export function invalidF64(ir: IrBuilder, ...operands: Value<'f64'>[]): Value<'i32'> {
  const taken = operands.map((x) => operand64(ir, x));
  const any = (values: readonly Value<'i32'>[]): Value<'i32'> => values.reduce((a, b) => ir.i32_or(a, b));
  return ir.i32_or(any(taken.map((x) => x.signals)), ir.i32_eqz(any(taken.map((x) => x.isNan))));
}
export function invalidF32(ir: IrBuilder, ...operands: Value<'f32'>[]): Value<'i32'> {
  const taken = operands.map((x) => operand32(ir, x));
  const any = (values: readonly Value<'i32'>[]): Value<'i32'> => values.reduce((a, b) => ir.i32_or(a, b));
  return ir.i32_or(any(taken.map((x) => x.signals)), ir.i32_eqz(any(taken.map((x) => x.isNan))));
}

/** The NaN that an operation of one, two or three operands gives. Only to be called where its result is a NaN. */
export const nan1F64 = irHelper('nan1F64', ['f64'], 'f64', (ir, a) => firstNan64(ir, a));
export const nan1F32 = irHelper('nan1F32', ['f32'], 'f32', (ir, a) => firstNan32(ir, a));
export const nan2F64 = irHelper('nan2F64', ['f64', 'f64'], 'f64', (ir, a, b) => firstNan64(ir, a, b));
export const nan2F32 = irHelper('nan2F32', ['f32', 'f32'], 'f32', (ir, a, b) => firstNan32(ir, a, b));

/** As `nan2F64`, and negated: FNMUL. */
export const nan2F64Negated = irHelper('nan2F64Negated', ['f64', 'f64'], 'f64', (ir, a, b) => ir.f64_neg(firstNan64(ir, a, b)));
export const nan2F32Negated = irHelper('nan2F32Negated', ['f32', 'f32'], 'f32', (ir, a, b) => ir.f32_neg(firstNan32(ir, a, b)));

/** FPProcessNaNs3 for addend + a * b; infinity times zero beats a quiet NaN addend. */
export const nan3F64 = irHelper('nan3F64', ['f64', 'f64', 'f64'], 'f64', (ir, addend, a, b) => {
  const product = ir.f64_mul(a, b);
  const madeHere = ir.i32_and(ir.f64_ne(product, product), ir.i32_and(ir.f64_eq(a, a), ir.f64_eq(b, b)));
  const defaults = ir.i32_and(madeHere, ir.i32_eqz(operand64(ir, addend).signals));
  return ir.f64_select(defaults, ir.f64_const(0, DEFAULT_NAN64), firstNan64(ir, addend, a, b));
});
export const nan3F32 = irHelper('nan3F32', ['f32', 'f32', 'f32'], 'f32', (ir, addend, a, b) => {
  const product = ir.f32_mul(a, b);
  const madeHere = ir.i32_and(ir.f32_ne(product, product), ir.i32_and(ir.f32_eq(a, a), ir.f32_eq(b, b)));
  const defaults = ir.i32_and(madeHere, ir.i32_eqz(operand32(ir, addend).signals));
  return ir.f32_select(defaults, ir.f32_const(DEFAULT_NAN32), firstNan32(ir, addend, a, b));
});

/** FMAXNM, FMINNM where an operand is a NaN: a number beside a quiet NaN is the result. */
export const numberOrNanF64 = irHelper('numberOrNanF64', ['f64', 'f64'], 'f64', (ir, a, b) => {
  const [x, y] = [operand64(ir, a), operand64(ir, b)];
  const noNumber = ir.i32_or(ir.i32_and(x.isNan, y.isNan), ir.i32_or(x.signals, y.signals));
  return ir.f64_select(noNumber, firstNan64(ir, a, b), ir.f64_select(x.isNan, b, a));
});
export const numberOrNanF32 = irHelper('numberOrNanF32', ['f32', 'f32'], 'f32', (ir, a, b) => {
  const [x, y] = [operand32(ir, a), operand32(ir, b)];
  const noNumber = ir.i32_or(ir.i32_and(x.isNan, y.isNan), ir.i32_or(x.signals, y.signals));
  return ir.f32_select(noNumber, firstNan32(ir, a, b), ir.f32_select(x.isNan, b, a));
});

/** NaN results of conversions: sign, quiet bit and the upper payload bits stay. */
export const nanF32ToF64 = irHelper('nanF32ToF64', ['f32'], 'f64', (ir, a) => {
  const bits = ir.i32_reinterpret_f32(a);
  const sign = ir.i64_shl(ir.i64_extend_i32_u(ir.i32_and(bits, ir.i32_const(0x8000_0000))), ir.i64_const(32));
  const payload = ir.i64_shl(ir.i64_extend_i32_u(ir.i32_and(bits, ir.i32_const(0x007f_ffff))), ir.i64_const(29));
  return ir.f64_reinterpret_i64(ir.i64_or(ir.i64_or(sign, payload), ir.i64_halves(0, DEFAULT_NAN64)));
});
export const nanF64ToF32 = irHelper('nanF64ToF32', ['f64'], 'f32', (ir, a) => {
  const bits = ir.i64_reinterpret_f64(a);
  const sign = ir.i32_and(ir.i32_wrap_i64(ir.i64_shr_u(bits, ir.i64_const(32))), ir.i32_const(0x8000_0000));
  const payload = ir.i32_and(ir.i32_wrap_i64(ir.i64_shr_u(bits, ir.i64_const(29))), ir.i32_const(0x007f_ffff));
  return ir.f32_reinterpret_i32(ir.i32_or(ir.i32_or(sign, payload), ir.i32_const(DEFAULT_NAN32)));
});

// Vectors: the NaN lanes of `result` replaced

interface VectorOps {
  readonly ne: (ir: IrBuilder, a: Value<'v128'>, b: Value<'v128'>) => Value<'v128'>;
  /** All ones in the lanes whose quiet bit is set. */
  readonly quietMask: (ir: IrBuilder, a: Value<'v128'>) => Value<'v128'>;
  readonly quietBits: (ir: IrBuilder) => Value<'v128'>;
  readonly defaultNans: (ir: IrBuilder) => Value<'v128'>;
}

const F64X2: VectorOps = {
  ne: (ir, a, b) => ir.f64x2_ne(a, b),
  quietMask: (ir, a) => ir.i64x2_shr_s(ir.i64x2_shl(a, ir.i32_const(12)), ir.i32_const(63)),
  quietBits: (ir) => ir.v128_words(0, QUIET64, 0, QUIET64),
  defaultNans: (ir) => ir.v128_words(0, DEFAULT_NAN64, 0, DEFAULT_NAN64),
};
const F32X4: VectorOps = {
  ne: (ir, a, b) => ir.f32x4_ne(a, b),
  quietMask: (ir, a) => ir.i32x4_shr_s(ir.i32x4_shl(a, ir.i32_const(9)), ir.i32_const(31)),
  quietBits: (ir) => ir.v128_words(QUIET32, QUIET32, QUIET32, QUIET32),
  defaultNans: (ir) => ir.v128_words(DEFAULT_NAN32, DEFAULT_NAN32, DEFAULT_NAN32, DEFAULT_NAN32),
};

/** Lane by lane what `firstNan64` does, in the lanes where `result` is a NaN. */
function vectorNans(ir: IrBuilder, ops: VectorOps, result: Value<'v128'>, operands: readonly Value<'v128'>[]): Value<'v128'> {
  const taken = operands.map((x) => {
    const isNan = ops.ne(ir, x, x);
    return { quieted: ir.v128_or(x, ops.quietBits(ir)), isNan, signals: ir.v128_andnot(isNan, ops.quietMask(ir, x)) };
  });
  let nans = ops.defaultNans(ir);
  for (const { isNan, quieted } of [...taken].reverse()) nans = ir.v128_bitselect(quieted, nans, isNan);
  for (const { signals, quieted } of [...taken].reverse()) nans = ir.v128_bitselect(quieted, nans, signals);
  return ir.v128_bitselect(nans, result, ops.ne(ir, result, result));
}

/** FMAXNM, FMINNM on vectors: `result` is that of the Wasm op, which is a NaN wherever an operand is. */
function vectorNumbersOrNans(ir: IrBuilder, ops: VectorOps, result: Value<'v128'>, a: Value<'v128'>, b: Value<'v128'>): Value<'v128'> {
  const [nanA, nanB] = [ops.ne(ir, a, a), ops.ne(ir, b, b)];
  const quietNan = (x: Value<'v128'>, nan: Value<'v128'>): Value<'v128'> => ir.v128_and(nan, ops.quietMask(ir, x));
  const takeB = ir.v128_andnot(quietNan(a, nanA), nanB);
  const takeA = ir.v128_andnot(quietNan(b, nanB), nanA);
  const numbers = ir.v128_bitselect(b, ir.v128_bitselect(a, result, takeA), takeB);
  return vectorNans(ir, ops, numbers, [a, b]);
}

/** (operands…, result of the Wasm op): the result with its NaN lanes brought to the rules. */
export const nan1F64x2 = irHelper('nan1F64x2', ['v128', 'v128'], 'v128', (ir, a, result) => vectorNans(ir, F64X2, result, [a]));
export const nan1F32x4 = irHelper('nan1F32x4', ['v128', 'v128'], 'v128', (ir, a, result) => vectorNans(ir, F32X4, result, [a]));
export const nan2F64x2 = irHelper('nan2F64x2', ['v128', 'v128', 'v128'], 'v128', (ir, a, b, result) => vectorNans(ir, F64X2, result, [a, b]));
export const nan2F32x4 = irHelper('nan2F32x4', ['v128', 'v128', 'v128'], 'v128', (ir, a, b, result) => vectorNans(ir, F32X4, result, [a, b]));
export const numberOrNanF64x2 = irHelper('numberOrNanF64x2', ['v128', 'v128', 'v128'], 'v128', (ir, a, b, result) =>
  vectorNumbersOrNans(ir, F64X2, result, a, b),
);
export const numberOrNanF32x4 = irHelper('numberOrNanF32x4', ['v128', 'v128', 'v128'], 'v128', (ir, a, b, result) =>
  vectorNumbersOrNans(ir, F32X4, result, a, b),
);
