import { type Helper, hostHelper, type IrBuilder, irHelper, type Ty, type Value } from '../../../ir/index.ts';
import { FPCR, FPSR } from '../state.ts';
import { F32, F64, type Floats, type FloatType } from './fpFloats.ts';
import { DOUBLE, Fpcr, Fpsr, HALF, SINGLE, SoftFloat } from './fpSoftFloat.ts';
import type { A64Translator } from './translator.ts';

/**
 * Floating-point operations under any FPCR, with exact FPSR, at the price of plain Wasm arithmetic where nothing special
 * happens. An operation first tries the short way (`attempt`), which is right under FPCR = 0 unless it says otherwise.
 * What it does not do stands in cold paths:
 *
 * - the result where it is doubtful (`settle`), or FPCR is not 0 (`exact`). FPCR's bits but the rounding mode matter to
 *   denormal numbers and NaNs only: where there are none, the short way is right under those, too;
 * - FPSR's cumulative bits (`flags`). Inexact results are so common that they are looked for only until FPSR.IXC is set;
 *   the short way says where any of the others may be due.
 *
 * FPCR and FPSR are tested once a block, and again where an instruction in the middle of it has changed them; both are
 * locals of a region's Wasm function. An inexact result that is looked for in vain once more does no harm.
 */

export type ScalarType = 'i32' | 'i64' | 'f32' | 'f64';
export type Values<A extends readonly Ty[]> = { -readonly [K in keyof A]: Value<A[K]> };

/** What the short way of an operation gives. */
export interface Outcome<R extends Ty> {
  readonly value: Value<R>;
  /** Not 0: the value may be wrong, or is a NaN. Left out where that cannot be. */
  readonly doubtful?: Value<'i32'>;
  /** Not 0: a bit of FPSR other than IXC may be due. Left out where that cannot be. Best the same value as `doubtful`. */
  readonly raises?: Value<'i32'>;
}

/** FPSR's bits under FPCR = 0, found without the reference arithmetic. */
export interface QuickFlags {
  /** The bits raised, if `certain` is not 0. */
  readonly raised: Value<'i32'>;
  readonly certain: Value<'i32'>;
}

/** The cold paths of an operation that reads FPCR and writes FPSR. */
export interface FpHelpers<A extends readonly Ty[] = readonly Ty[], R extends Ty = Ty> {
  /** True if results may be inexact. */
  readonly rounds: boolean;
  /** The result under FPCR = 0 where the short way is in doubt. */
  readonly settle: Helper<A, R>;
  /** (operands…, FPCR): the result. */
  readonly exact: Helper<readonly [...A, 'i32'], R>;
  /** (operands…, FPCR, FPSR): FPSR afterwards. */
  readonly flags: Helper<readonly [...A, 'i32', 'i32'], 'i32'>;
}

export interface FpOperation<A extends readonly Ty[] = readonly Ty[], R extends Ty = Ty> extends FpHelpers<A, R> {
  attempt(ir: IrBuilder, ...args: Values<A>): Outcome<R>;
}

export interface FpHelpersParts<A extends readonly ScalarType[], R extends ScalarType> {
  /** Unique; its helpers' names begin with it. */
  readonly name: string;
  readonly args: A;
  readonly result: R;
  readonly rounds: boolean;
  /** The result under FPCR = 0 where `doubtful`. Without it, `soft` is asked. */
  readonly settle?: (ir: IrBuilder, ...args: Values<A>) => Value<R>;
  /** The short way under FPCR = 0, for the cold paths: where another FPCR does not matter, its result is right. */
  readonly plain?: (ir: IrBuilder, ...args: Values<A>) => Outcome<R>;
  readonly quickFlags?: (ir: IrBuilder, ...args: Values<A>) => QuickFlags;
  /** Not 0 only if no flag is due under FPCR = 0, by a test much shorter than `quickFlags`: for programs whose numbers are all integers. */
  readonly harmless?: (ir: IrBuilder, ...args: Values<A>) => Value<'i32'>;
  /** The operation on bit patterns, unsigned as its result. */
  readonly soft: (unit: SoftFloat, ...args: bigint[]) => bigint;
}

/** Appends the operation to the block and returns its result. */
export function applyFp<A extends readonly Ty[], R extends Ty>(t: A64Translator, operation: FpOperation<A, R>, ...args: Values<A>): Value<R> {
  return applyOutcome(t, operation, operation.attempt(t.ir, ...args), ...args);
}

/** As `applyFp`, with the short way's outcome already there. */
export function applyOutcome<A extends readonly Ty[], R extends Ty>(
  t: A64Translator,
  operation: FpHelpers<A, R>,
  outcome: Outcome<R>,
  ...args: Values<A>
): Value<R> {
  const { value, doubtful, raises } = outcome;
  const unsure = orFpcr(t, doubtful);
  const flagsDue = operation.rounds ? orCare(t, raises) : raises === doubtful ? unsure : orFpcr(t, raises);
  const result = settled(t, operation, unsure, value, args, doubtful === undefined || raises === doubtful ? flagsDue : undefined);
  raiseFlags(t, operation, flagsDue, args);
  return result;
}

/** The operation's result alone: FPSR stays. */
export function applyValue<A extends readonly Ty[], R extends Ty>(
  t: A64Translator,
  operation: FpHelpers<A, R>,
  { value, doubtful }: Outcome<R>,
  ...args: Values<A>
): Value<R> {
  return settled(t, operation, orFpcr(t, doubtful), value, args);
}

/** The operation's effect on FPSR alone. @param condition if given, nothing happens where it is 0 */
export function applyFlags<A extends readonly Ty[], R extends Ty>(
  t: A64Translator,
  operation: FpHelpers<A, R>,
  { raises, condition }: { readonly raises: Value<'i32'>; readonly condition?: Value<'i32'> },
  ...args: Values<A>
): void {
  const due = operation.rounds ? orCare(t, raises) : orFpcr(t, raises);
  raiseFlags(t, operation, condition === undefined ? due : t.ir.i32_select(condition, due, t.ir.i32_const(0)), args);
}

/** Not 0 if FPCR or `condition` is not 0. */
function orFpcr({ ir }: A64Translator, condition: Value<'i32'> | undefined): Value<'i32'> {
  const fpcr = ir.getReg(FPCR);
  return condition === undefined ? fpcr : ir.i32_or(condition, fpcr);
}

/**
 * Not 0 if FPCR or `condition` is not 0 or FPSR.IXC may be clear. The latter is found out once in a block: in between
 * floating-point operations set it at most, and writes of the two registers forget it.
 */
function orCare(t: A64Translator, condition: Value<'i32'> | undefined): Value<'i32'> {
  const { ir } = t;
  if (t.fpCare === undefined) {
    const inexactClear = ir.i32_eqz(ir.i32_and(ir.getReg(FPSR), ir.i32_const(Fpsr.IXC)));
    t.fpCare = ir.i32_or(ir.getReg(FPCR), inexactClear);
  }
  return condition === undefined ? t.fpCare : ir.i32_or(condition, t.fpCare);
}

/** @param implied if given, a condition that holds wherever `unsure` does: of the cold path for FPSR, which follows */
function settled<A extends readonly Ty[], R extends Ty>(
  { ir }: A64Translator,
  operation: FpHelpers<A, R>,
  unsure: Value<'i32'>,
  value: Value<R>,
  args: Values<A>,
  implied?: Value<'i32'>,
): Value<R> {
  const exactArgs = [...args, ir.getReg(FPCR)] as Values<readonly [...A, 'i32']>;
  if (implied === undefined) return ir.coldHelper(unsure, value, operation.exact, ...exactArgs);
  return ir.coldHelperWithin(implied, unsure, value, operation.exact, ...exactArgs);
}

function raiseFlags<A extends readonly Ty[], R extends Ty>({ ir }: A64Translator, operation: FpHelpers<A, R>, condition: Value<'i32'>, args: Values<A>): void {
  const fpsr = ir.getReg(FPSR);
  ir.setReg(FPSR, ir.coldHelper(condition, fpsr, operation.flags, ...([...args, ir.getReg(FPCR), fpsr] as Values<readonly [...A, 'i32', 'i32']>)));
}

const hostType = (type: ScalarType): 'i32' | 'i64' => (type === 'f32' || type === 'i32' ? 'i32' : 'i64');

function toBits(ir: IrBuilder, type: ScalarType, value: Value): Value {
  if (type === 'f32') return ir.i32_reinterpret_f32(value as Value<'f32'>);
  return type === 'f64' ? ir.i64_reinterpret_f64(value as Value<'f64'>) : value;
}

function fromBits(ir: IrBuilder, type: ScalarType, value: Value): Value {
  if (type === 'f32') return ir.f32_reinterpret_i32(value as Value<'i32'>);
  return type === 'f64' ? ir.f64_reinterpret_i64(value as Value<'i64'>) : value;
}

const zeroBits = (ir: IrBuilder, type: ScalarType): Value => (hostType(type) === 'i32' ? ir.i32_const(0) : ir.i64_const(0));

/** Two helpers (operands…, FPCR) by the reference arithmetic: the result, and FPSR's bits that are raised. */
function softHelpers(
  name: string,
  args: readonly ScalarType[],
  result: ScalarType,
  soft: FpHelpersParts<[], 'i32'>['soft'],
): { result: Helper; flags: Helper } {
  const hostArgs = [...args.map(hostType), 'i32'] as const;
  const compute = (values: readonly (number | bigint)[]): { bits: bigint; flags: number } => {
    const unit = new SoftFloat(Number(values[args.length]));
    const bits = soft(unit, ...args.map((type, i) => BigInt.asUintN(hostType(type) === 'i32' ? 32 : 64, BigInt(values[i]))));
    return { bits, flags: unit.flags };
  };
  const resultBits =
    hostType(result) === 'i32'
      ? hostHelper(`${name}SoftBits`, hostArgs, 'i32', (...values) => Number(compute(values).bits))
      : hostHelper(`${name}SoftBits`, hostArgs, 'i64', (...values) => compute(values).bits);
  const raised = hostHelper(`${name}SoftRaised`, hostArgs, 'i32', (...values) => compute(values).flags);
  const allBits = (ir: IrBuilder, values: readonly Value[]): Value[] => values.map((value, i) => (i < args.length ? toBits(ir, args[i], value) : value));
  const irArgs: readonly Ty[] = [...args, 'i32'];
  return {
    result: irHelper<readonly Ty[], Ty>(`${name}Soft`, irArgs, result, (ir, ...values) =>
      fromBits(ir, result, ir.helper<readonly Ty[], Ty>(resultBits as Helper, ...allBits(ir, values))),
    ),
    flags: irHelper<readonly Ty[], Ty>(`${name}SoftFlags`, irArgs, 'i32', (ir, ...values) =>
      ir.helper<readonly Ty[], Ty>(raised as Helper, ...allBits(ir, values)),
    ),
  };
}

/** FPCR's bits that matter to denormal numbers and NaNs only. */
export const FOR_SPECIAL_NUMBERS = Fpcr.FZ | Fpcr.FZ16 | Fpcr.DN;

/** 1 if the number is denormal; an i32 is the bits of a half, an i64 an integer. */
function isDenormal(ir: IrBuilder, type: ScalarType, value: Value): Value<'i32'> {
  const fractionMask = ({ fraction }: { readonly fraction: number }): bigint => (1n << BigInt(fraction)) - 1n;
  if (type === 'i64') return ir.i32_const(0);
  if (type === 'f64') {
    const magnitude = ir.i64_and(ir.i64_reinterpret_f64(value as Value<'f64'>), ir.i64_const((1n << 63n) - 1n));
    return ir.i64_lt_u(ir.i64_sub(magnitude, ir.i64_const(1)), ir.i64_const(fractionMask(DOUBLE)));
  }
  const [bits, sign, format] = type === 'f32' ? [ir.i32_reinterpret_f32(value as Value<'f32'>), 0x7fff_ffff, SINGLE] : [value as Value<'i32'>, 0x7fff, HALF];
  return ir.i32_lt_u(ir.i32_sub(ir.i32_and(bits, ir.i32_const(sign)), ir.i32_const(1)), ir.i32_const(Number(fractionMask(format))));
}

/** 1 if the number is a NaN, or as small as the smallest normal number but not zero. */
function isNanOrTiny<T extends FloatType>(ir: IrBuilder, floats: Floats<T>, value: Value<T>): Value<'i32'> {
  const tiny = ir.i32_eqz(floats.lt(ir, floats.power(ir, 1 - floats.format.bias), floats.abs(ir, value)));
  return ir.i32_and(tiny, floats.ne(ir, value, floats.zero(ir)));
}

interface PlainParts {
  readonly args: readonly ScalarType[];
  readonly result: ScalarType;
  readonly plain: (ir: IrBuilder, ...args: Value[]) => Outcome<Ty>;
  /** If given, what FPCR = 0 gives where the short way is in doubt. */
  readonly settle: Helper<readonly Ty[], Ty> | undefined;
}

/** (operands…, FPCR): the result under FPCR = 0, and not 0 where it or FPSR may be another under that FPCR. */
function underFpcr(
  { args, result, plain, settle }: PlainParts,
  ir: IrBuilder,
  values: readonly Value[],
): { readonly value: Value; readonly wrong: Value<'i32'> } {
  const n = args.length;
  const operands = values.slice(0, n);
  const { value, doubtful } = plain(ir, ...operands);
  let wrong = ir.i32_and(values[n] as Value<'i32'>, ir.i32_const(~FOR_SPECIAL_NUMBERS));
  // beside an operand that is a float, an i32 is a control word
  const isNumber = (type: ScalarType): boolean => type !== 'i32' || args.every((each) => each === 'i32');
  for (const [i, type] of args.entries()) if (isNumber(type)) wrong = ir.i32_or(wrong, isDenormal(ir, type, values[i] as Value));
  if (settle !== undefined && doubtful !== undefined && (result === 'f32' || result === 'f64')) {
    const settled = ir.coldHelper<readonly Ty[], Ty>(doubtful, value, settle, ...operands);
    const special = result === 'f32' ? isNanOrTiny(ir, F32, settled as Value<'f32'>) : isNanOrTiny(ir, F64, settled as Value<'f64'>);
    return { value: settled, wrong: ir.i32_or(wrong, special) };
  }
  wrong = ir.i32_or(wrong, isDenormal(ir, result, value));
  return { value, wrong: doubtful === undefined ? wrong : ir.i32_or(wrong, doubtful) };
}

/** Makes the cold paths of an operation from its parts. */
export function fpHelpers<const A extends readonly ScalarType[], R extends ScalarType>(parts: FpHelpersParts<A, R>): FpHelpers<A, R> {
  const { name, args, result, harmless } = parts;
  const plain = parts.plain as ((ir: IrBuilder, ...values: Value[]) => Outcome<Ty>) | undefined;
  const settleBody = parts.settle as ((ir: IrBuilder, ...values: Value[]) => Value) | undefined;
  const soft = softHelpers(name, args, result, parts.soft);
  const n = args.length;
  const settle = irHelper<readonly Ty[], Ty>(`${name}Settle`, args, result, (ir, ...values) =>
    settleBody === undefined ? ir.helper(soft.result, ...values, ir.i32_const(0)) : settleBody(ir, ...values),
  );
  const settleForAll = settleBody === undefined ? undefined : settle;
  const byFpcr =
    plain === undefined
      ? soft.result
      : irHelper<readonly Ty[], Ty>(`${name}UnderFpcr`, [...args, 'i32'], result, (ir, ...values) => {
          const { value, wrong } = underFpcr({ args, result, plain, settle: settleForAll }, ir, values);
          return ir.coldHelper<readonly Ty[], Ty>(wrong, value, soft.result, ...values);
        });
  const exact = irHelper<readonly Ty[], Ty>(`${name}Exact`, [...args, 'i32'], result, (ir, ...values) => {
    if (settleBody === undefined) return ir.helper<readonly Ty[], Ty>(byFpcr, ...values);
    const fpcr = values[n] as Value<'i32'>;
    const settled = ir.coldHelper<readonly Ty[], Ty>(ir.i32_eqz(fpcr), fromBits(ir, result, zeroBits(ir, result)), settle, ...values.slice(0, n));
    return ir.coldHelper<readonly Ty[], Ty>(fpcr, settled, byFpcr, ...values);
  });
  // an operation that does not round raises nothing where its short way says so
  const quickFlags =
    parts.quickFlags ??
    (plain === undefined || parts.rounds
      ? undefined
      : (ir: IrBuilder, ...values: Values<A>): QuickFlags => {
          const { raises } = plain(ir, ...(values as Value[]));
          return { raised: ir.i32_const(0), certain: raises === undefined ? ir.i32_const(1) : ir.i32_eqz(raises) };
        });
  const allFlags = irHelper<readonly Ty[], Ty>(`${name}${harmless === undefined ? '' : 'All'}Flags`, [...args, 'i32', 'i32'], 'i32', (ir, ...values) => {
    const fpcr = values[n] as Value<'i32'>;
    const softArgs = values.slice(0, n + 1);
    let raised: Value;
    if (quickFlags === undefined) raised = ir.helper(soft.flags, ...softArgs);
    else {
      const quick = quickFlags(ir, ...(values.slice(0, n) as unknown as Values<A>));
      const matters =
        plain === undefined ? fpcr : ir.i32_select(fpcr, underFpcr({ args, result, plain, settle: settleForAll }, ir, values).wrong, ir.i32_const(0));
      raised = ir.coldHelper<readonly Ty[], Ty>(ir.i32_or(matters, ir.i32_eqz(quick.certain)), quick.raised, soft.flags, ...softArgs);
    }
    return ir.i32_or(values[n + 1] as Value<'i32'>, raised as Value<'i32'>);
  });
  const flags =
    harmless === undefined
      ? allFlags
      : irHelper<readonly Ty[], Ty>(`${name}Flags`, [...args, 'i32', 'i32'], 'i32', (ir, ...values) => {
          const quiet = harmless(ir, ...(values.slice(0, n) as unknown as Values<A>));
          return ir.coldHelper(ir.i32_or(values[n] as Value<'i32'>, ir.i32_eqz(quiet)), values[n + 1] as Value, allFlags, ...values);
        });
  return { rounds: parts.rounds, settle, exact, flags } as unknown as FpHelpers<A, R>;
}

/** Makes an operation from its parts. */
export function fpOperation<const A extends readonly ScalarType[], R extends ScalarType>(
  parts: FpHelpersParts<A, R> & Pick<FpOperation<A, R>, 'attempt'>,
): FpOperation<A, R> {
  return { ...fpHelpers({ ...parts, plain: parts.attempt }), attempt: parts.attempt };
}
