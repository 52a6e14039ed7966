import { type Helper, type IrBuilder, irHelper, type Ty, type Value } from '../../../ir/index.ts';
import { FOR_SPECIAL_NUMBERS, type FpHelpers, type FpOperation, type Outcome } from './fpOperation.ts';
import { DOUBLE, type FloatFormat, Fpsr, HALF, SINGLE } from './fpSoftFloat.ts';
import { anyDenormal } from './simdFpUnusual.ts';
import { elementAsI32, elementAsI64, type V, withElement, withElementI32, zero } from './simdLanes.ts';

/**
 * Floating-point operations on vectors, made from those of one number: what is doubtful, unusual or inexact is settled
 * lane by lane with the scalar operation's cold paths (see fpOperation.ts).
 */

/** How a lane of a vector is read and written as a value of type T. */
export interface Lane<T extends Ty = Ty> {
  readonly read: (ir: IrBuilder, vector: V, lane: number) => Value<T>;
  readonly write: (ir: IrBuilder, vector: V, lane: number, value: Value<T>) => V;
}
export const SINGLE_LANE: Lane<'f32'> = {
  read: (ir, v, lane) => ir.f32x4_extract_lane(v, lane),
  write: (ir, v, lane, value) => ir.f32x4_replace_lane(v, value, lane),
};
export const DOUBLE_LANE: Lane<'f64'> = {
  read: (ir, v, lane) => ir.f64x2_extract_lane(v, lane),
  write: (ir, v, lane, value) => ir.f64x2_replace_lane(v, value, lane),
};
/** A half, by its bits. */
export const HALF_LANE: Lane<'i32'> = {
  read: (ir, v, lane) => elementAsI32(ir, 1, 'u', v, lane),
  write: (ir, v, lane, value) => withElementI32(ir, 1, v, lane, value),
};
/** A mask or a bit pattern as wide as a single. */
export const WORD_LANE: Lane<'i32'> = {
  read: (ir, v, lane) => ir.i32x4_extract_lane(v, lane),
  write: (ir, v, lane, value) => ir.i32x4_replace_lane(v, value, lane),
};
/** Integers of `size`, extended to 64 bits. */
export const integerLane = (size: number, signed: boolean): Lane<'i64'> => ({
  read: (ir, v, lane) => elementAsI64(ir, size, signed ? 's' : 'u', v, lane),
  write: (ir, v, lane, value) => withElement(ir, size, v, lane, value),
});

/** Size of elements that are floating-point numbers, as in simdLanes.ts: 1 half, 2 single, 3 double. */
export type FpSize = 1 | 2 | 3;
export type BySize<T> = Readonly<Record<FpSize, T>>;

/** Each size's is made when it is first asked for: programs use few of all the floating-point instructions, and start faster. */
class LazyBySize<T> implements BySize<T> {
  private readonly made: T[] = [];

  constructor(private readonly make: (size: FpSize) => T) {}

  get 1(): T {
    return this.of(1);
  }

  get 2(): T {
    return this.of(2);
  }

  get 3(): T {
    return this.of(3);
  }

  private of(size: FpSize): T {
    this.made[size] ??= this.make(size);
    return this.made[size];
  }
}
/** @param make is called once a size at most */
export const bySize = <T>(make: (size: FpSize) => T): BySize<T> => new LazyBySize(make);
export const FORMATS: BySize<FloatFormat> = { 1: HALF, 2: SINGLE, 3: DOUBLE };
export const FP_LANES = { 1: HALF_LANE, 2: SINGLE_LANE, 3: DOUBLE_LANE } as BySize<Lane>;
/** Wasm's vector shapes; it has none for halves. */
export const SHAPES = { 2: 'f32x4', 3: 'f64x2' } as const;
export type Shape = (typeof SHAPES)[2 | 3];

/** An operation of one number. */
export interface Elementwise {
  /** Unique among all; the vector operation's helpers begin with it. */
  readonly name: string;
  readonly operands: readonly Lane[];
  readonly result: Lane;
  /** Value of a last argument (i32) that the scalar cold paths take besides the operands; 'argument': the vector ones take it too. */
  readonly control?: number | 'argument';
  /** The scalar operation. */
  readonly helpers: FpHelpers;
  readonly attempt?: (ir: IrBuilder, ...operands: Value[]) => Outcome<Ty>;
  /** The short way for all lanes at once; without it, `attempt` is used on each, and without that, the cold paths alone. */
  readonly attemptAll?: (ir: IrBuilder, ...vectors: V[]) => Outcome<'v128'>;
  /** The right result under FPCR = 0, whatever the operands; without it, lane by lane. */
  readonly settleAll?: (ir: IrBuilder, ...vectors: V[]) => V;
  /**
   * Of numbers of this shape: FPCR's bits but the rounding mode, and flags but IXC, matter only where `attemptAll` is in
   * doubt, or where an operand or the result has a denormal lane.
   */
  readonly plainShape?: Shape;
}

/** An operation of one vector length: so many lanes. */
type LanesOperation = FpOperation<readonly 'v128'[], 'v128'>;
/** Vector operations by the number of lanes that count: the low ones. The others are computed, but raise nothing. */
export type FpVectorOperation = Readonly<Record<number, LanesOperation>>;

type AnyHelper = Helper<readonly Ty[], Ty>;

function operation(parts: Elementwise, lanes: number): LanesOperation {
  const { name, operands, result, control, helpers, attempt, attemptAll, settleAll, plainShape } = parts;
  const argTypes: Ty[] = operands.map(() => 'v128' as const);
  if (control === 'argument') argTypes.push('i32');
  const n = argTypes.length;
  const read = (ir: IrBuilder, values: readonly V[], lane: number): Value[] => operands.map((type, i) => type.read(ir, values[i] as V, lane));
  const numbersOf = (ir: IrBuilder, values: readonly Value[], lane: number): Value[] => {
    const numbers = read(ir, values as V[], lane);
    if (control === undefined) return numbers;
    return [...numbers, control === 'argument' ? (values[operands.length] as Value) : ir.i32_const(control)];
  };
  /** Puts a vector together from its lanes, the rest zero. */
  const gather = (ir: IrBuilder, lane: (index: number) => Value): V => {
    let vector = zero(ir);
    for (let i = 0; i < lanes; i++) vector = result.write(ir, vector, i, lane(i));
    return vector;
  };
  const settle = irHelper<readonly Ty[], 'v128'>(`${name}x${lanes}Settle`, argTypes, 'v128', (ir, ...values) => {
    if (settleAll !== undefined) return settleAll(ir, ...(values as V[]));
    return gather(ir, (lane) => {
      const numbers = numbersOf(ir, values, lane);
      if (attempt === undefined) return ir.helper(helpers.settle as AnyHelper, ...numbers);
      const { value, doubtful } = attempt(ir, ...numbers);
      return doubtful === undefined ? value : ir.coldHelper(doubtful, value, helpers.settle as AnyHelper, ...numbers);
    });
  });
  const byReference = irHelper<readonly Ty[], 'v128'>(`${name}x${lanes}Reference`, [...argTypes, 'i32'], 'v128', (ir, ...values) =>
    gather(ir, (lane) => ir.helper(helpers.exact as AnyHelper, ...numbersOf(ir, values, lane), values[n] as Value)),
  );
  /** The short way's result, and not 0 where it or a flag but IXC may be another under FPCR. */
  const underFpcr = (ir: IrBuilder, values: readonly Value[]): { readonly value: V; readonly wrong: Value<'i32'> } | undefined => {
    if (attemptAll === undefined || plainShape === undefined) return undefined;
    const vectors = values.slice(0, n) as V[];
    const { value, doubtful } = attemptAll(ir, ...vectors);
    const modes = ir.i32_and(values[n] as Value<'i32'>, ir.i32_const(~FOR_SPECIAL_NUMBERS));
    const special = ir.i32_or(anyDenormal(ir, plainShape, ...vectors, value), doubtful ?? ir.i32_const(0));
    return { value, wrong: ir.i32_or(modes, special) };
  };
  const byFpcr = irHelper<readonly Ty[], 'v128'>(`${name}x${lanes}UnderFpcr`, [...argTypes, 'i32'], 'v128', (ir, ...values) => {
    const plain = underFpcr(ir, values);
    return plain === undefined ? ir.helper(byReference, ...values) : ir.coldHelper(plain.wrong, plain.value, byReference, ...values);
  });
  const settledOrExact = irHelper<readonly Ty[], 'v128'>(`${name}x${lanes}Exact`, [...argTypes, 'i32'], 'v128', (ir, ...values) => {
    const fpcr = values[n] as Value<'i32'>;
    const settled = ir.coldHelper(ir.i32_eqz(fpcr), zero(ir), settle, ...values.slice(0, n));
    return ir.coldHelper(fpcr, settled, byFpcr, ...values);
  });
  const exact = attempt === undefined && settleAll === undefined ? byReference : settledOrExact;
  const flagsByLanes = irHelper<readonly Ty[], 'i32'>(`${name}x${lanes}LaneFlags`, [...argTypes, 'i32', 'i32'], 'i32', (ir, ...values) => {
    let fpsr = values[n + 1] as Value<'i32'>;
    for (let lane = 0; lane < lanes; lane++)
      fpsr = ir.helper(helpers.flags as Helper<readonly Ty[], 'i32'>, ...numbersOf(ir, values, lane), values[n] as Value, fpsr);
    return fpsr;
  });
  const flags = irHelper<readonly Ty[], 'i32'>(`${name}x${lanes}Flags`, [...argTypes, 'i32', 'i32'], 'i32', (ir, ...values) => {
    const plain = underFpcr(ir, values);
    if (plain === undefined) return ir.helper(flagsByLanes, ...values);
    const fpsr = values[n + 1] as Value<'i32'>;
    const inexactClear = helpers.rounds ? ir.i32_eqz(ir.i32_and(fpsr, ir.i32_const(Fpsr.IXC))) : ir.i32_const(0);
    return ir.coldHelper(ir.i32_or(plain.wrong, inexactClear), fpsr, flagsByLanes, ...values);
  });
  /** Not 0 if a lane raises more than an inexact result. */
  const unusual = irHelper<readonly Ty[], 'i32'>(`${name}x${lanes}Unusual`, argTypes, 'i32', (ir, ...values) => {
    let any: Value<'i32'> = ir.i32_const(0);
    for (let lane = 0; lane < lanes; lane++) any = ir.i32_or(any, attempt?.(ir, ...read(ir, values as V[], lane)).raises ?? ir.i32_const(0));
    return any;
  });
  const attemptLanes = (ir: IrBuilder, ...values: V[]): Outcome<'v128'> => {
    if (attempt !== undefined && lanes === 1) {
      const { value, ...doubts } = attempt(ir, ...numbersOf(ir, values, 0));
      return { value: result.write(ir, zero(ir), 0, value), ...doubts };
    }
    // in calls, since the lanes' code together is long
    if (attempt !== undefined) return { value: ir.helper(settle, ...values), raises: ir.helper(unusual, ...values) };
    const always = ir.i32_const(1);
    return { value: values[0] as V, doubtful: always, raises: always };
  };
  return { rounds: helpers.rounds, settle, exact, flags, attempt: attemptAll ?? attemptLanes } as unknown as LanesOperation;
}

/** The operations of 1 to 8 lanes, each made when it is first asked for. */
class LazyVectorOperation implements FpVectorOperation {
  readonly [lanes: number]: LanesOperation;
  private readonly made: LanesOperation[] = [];

  constructor(
    private readonly parts: Elementwise,
    private readonly ofEight: Elementwise,
  ) {}

  get 1(): LanesOperation {
    return this.of(1, this.parts);
  }

  get 2(): LanesOperation {
    return this.of(2, this.parts);
  }

  get 4(): LanesOperation {
    return this.of(4, this.parts);
  }

  get 8(): LanesOperation {
    return this.of(8, this.ofEight);
  }

  private of(lanes: number, parts: Elementwise): LanesOperation {
    this.made[lanes] ??= operation(parts, lanes);
    return this.made[lanes];
  }
}

/**
 * The vector operation of an operation on one number, for 1 lane (scalar instructions) to as many as fit.
 * @param ofEight the parts for eight lanes, where these have another short way
 */
export const onVectors = (parts: Elementwise, ofEight = parts): FpVectorOperation => new LazyVectorOperation(parts, ofEight);
