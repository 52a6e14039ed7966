import { control } from './fpConversions.ts';
import { applyFp, applyOutcome, type FpOperation } from './fpOperation.ts';
import { Rounding } from './fpSoftFloat.ts';
import { operands, type Translate } from './simdForms.ts';
import { FP_ARITHMETIC, type FpVectorArithmetic } from './simdFpArithmetic.ts';
import { type FromInteger, lengthen, narrow, narrowToOdd, type ToInteger } from './simdFpConvert.ts';
import { type BySize, bySize, type FpSize, type FpVectorOperation, SHAPES } from './simdFpLanes.ts';
import { bitsOf, clip, lowHalves, shuffleElements, splat, splatElement, splatSign, type V, zero } from './simdLanes.ts';
import type { A64Translator } from './translator.ts';

/**
 * The shapes of AdvSIMD's floating-point instructions. `sz` is the manual's: 0 single, 1 double; rows of halves have
 * none. Scalar forms have no `q`. Lanes that do not count must raise nothing, nor take the slow ways of zeros and NaNs:
 * they are given the operands of lanes that do.
 */
export interface Width {
  readonly q?: number;
  readonly sz?: number;
}
interface Two {
  readonly rn: number;
  readonly rd: number;
}
interface Three extends Two {
  readonly rm: number;
}
type VectorToVector = FpOperation<readonly 'v128'[], 'v128'>;

const sizeOf = ({ sz }: Width): FpSize => (sz === undefined ? 1 : sz === 0 ? 2 : 3);
const bytesOf = (f: Width): number => (f.q === undefined ? 1 << sizeOf(f) : f.q === 1 ? 16 : 8);
const lanesOf = (f: Width): number => bytesOf(f) >> sizeOf(f);

/** The lanes that count, in all places. */
export function spread(t: A64Translator, f: Width, v: V): V {
  if (f.q === 1) return v;
  return f.q === 0 ? lowHalves(t.ir, v, v) : splatElement(t.ir, sizeOf(f), v, 0);
}

/** Sets V[rd] to the operation's result in the lanes that count, the rest zero. */
export function applyVectors(t: A64Translator, f: Width & { readonly rd: number }, operation: FpVectorOperation, ...vectors: V[]): void {
  t.setV(f.rd, clip(t.ir, bytesOf(f), applyFp(t, operation[lanesOf(f)] as VectorToVector, ...vectors)));
}

function abs(t: A64Translator, size: FpSize, v: V): V {
  return size === 1 ? t.ir.v128_and(v, splat(t.ir, 1, 0x7fff)) : t.ir[`${SHAPES[size]}_abs`](v);
}
function negate(t: A64Translator, size: FpSize, v: V): V {
  return size === 1 ? t.ir.v128_xor(v, splatSign(t.ir, 1)) : t.ir[`${SHAPES[size]}_neg`](v);
}

/** An operation of FP_ARITHMETIC. */
export const arithmetic = (name: keyof FpVectorArithmetic): BySize<FpVectorOperation> => bySize((size) => FP_ARITHMETIC[size][name]);

export const fpThreeSame =
  (operations: BySize<FpVectorOperation>): Translate<Width & Three> =>
  (t, f) => {
    const [n, m] = operands(t, f);
    const first = spread(t, f, n);
    applyVectors(t, f, operations[sizeOf(f)], first, n === m ? first : spread(t, f, m));
  };

/** FABD: the magnitude of the difference, of NaNs too. */
export const fpAbsoluteDifference: Translate<Width & Three> = (t, f) => {
  const [n, m] = operands(t, f).map((v) => spread(t, f, v)) as [V, V];
  const difference = applyFp(t, FP_ARITHMETIC[sizeOf(f)].sub[lanesOf(f)] as VectorToVector, n, m);
  t.setV(f.rd, clip(t.ir, bytesOf(f), abs(t, sizeOf(f), difference)));
};

/** FMLA, and FMLS, which turns n's sign. */
function fused(t: A64Translator, f: Width & Two, subtract: boolean, m: V): void {
  const n = spread(t, f, t.v(f.rn));
  const factor = subtract ? negate(t, sizeOf(f), n) : n;
  applyVectors(t, f, FP_ARITHMETIC[sizeOf(f)].fma, spread(t, f, t.v(f.rd)), factor, m);
}
export const fpFused =
  (subtract: boolean): Translate<Width & Three> =>
  (t, f) =>
    fused(t, f, subtract, spread(t, f, t.v(f.rm)));

interface ElementFields {
  readonly sz?: number;
  readonly l: number;
  readonly m: number;
  readonly rm: number;
  readonly h: number;
}
/** The element of V[M:Rm], in all places: singles have the index H:L, doubles H. Halves have H:L:M, and V[Rm]. */
function element(t: A64Translator, f: ElementFields): V {
  const { l, m, rm, h } = f;
  switch (sizeOf(f)) {
    case 1:
      return splatElement(t.ir, 1, t.v(rm), (h << 2) | (l << 1) | m);
    case 2:
      return splatElement(t.ir, 2, t.v((m << 4) | rm), (h << 1) | l);
    case 3:
      return splatElement(t.ir, 3, t.v((m << 4) | rm), h);
  }
}

export const fpByElement =
  (operations: BySize<FpVectorOperation>): Translate<Width & Two & ElementFields> =>
  (t, f) =>
    applyVectors(t, f, operations[sizeOf(f)], spread(t, f, t.v(f.rn)), element(t, f));
export const fpFusedByElement =
  (subtract: boolean): Translate<Width & Two & ElementFields> =>
  (t, f) =>
    fused(t, f, subtract, element(t, f));

/** One operand. */
export const fpTwoRegister =
  (operations: BySize<FpVectorOperation>): Translate<Width & Two> =>
  (t, f) =>
    applyVectors(t, f, operations[sizeOf(f)], spread(t, f, t.v(f.rn)));

/** One operand, of the operation for singles or that for doubles. */
export const fpTwoRegisterNoHalf =
  (operations: readonly [FpVectorOperation, FpVectorOperation]): Translate<{ readonly q: number; readonly sz: number } & Two> =>
  (t, f) =>
    applyVectors(t, f, f.sz ? operations[1] : operations[0], spread(t, f, t.v(f.rn)));

/** FABS and FNEG: bit operations, NaNs included. */
export const fpSign =
  (op: 'abs' | 'neg'): Translate<Width & Two> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, bytesOf(f), (op === 'abs' ? abs : negate)(t, sizeOf(f), t.v(f.rn))));

/** A comparison with zero. */
export const fpCompareZero =
  (operations: BySize<FpVectorOperation>, zeroFirst = false): Translate<Width & Two> =>
  (t, f) => {
    const n = spread(t, f, t.v(f.rn));
    const none = zero(t.ir);
    if (zeroFirst) applyVectors(t, f, operations[sizeOf(f)], none, n);
    else applyVectors(t, f, operations[sizeOf(f)], n, none);
  };

// Neighbouring lanes

/** Every second lane of n, then of m. */
const everySecond = (t: A64Translator, size: number, odd: number, n: V, m: V): V => shuffleElements(t.ir, size, n, m, (i) => (2 * i + odd) % (32 >> size));

/** Pairs of n, then of m; of 64-bit vectors, all pairs are there twice. */
export const fpPairwise =
  (operations: BySize<FpVectorOperation>): Translate<{ q: number; sz?: number } & Three> =>
  (t, f) => {
    const [n, m] = operands(t, f);
    const both = lowHalves(t.ir, n, m);
    const [first, second] = f.q ? [n, m] : [both, both];
    const size = sizeOf(f);
    applyVectors(t, f, operations[size], everySecond(t, size, 0, first, second), everySecond(t, size, 1, first, second));
  };

/** Of the lowest `lanes` lanes: neighbours first, then neighbours of the results, as the manual's Reduce does. */
const reduce = (t: A64Translator, operation: FpVectorOperation, size: FpSize, lanes: number, n: V): V => {
  let rest = n;
  for (let count = lanes >> 1; count >= 1; count >>= 1) {
    const pair = (odd: number): V => shuffleElements(t.ir, size, rest, rest, (i) => 2 * (i % count) + odd);
    rest = applyFp(t, operation[count] as VectorToVector, pair(0), pair(1));
  }
  return clip(t.ir, 1 << size, rest);
};
/** FADDP (scalar) and its like: the two lowest lanes. */
export const fpPair =
  (operations: BySize<FpVectorOperation>): Translate<{ sz?: number } & Two> =>
  (t, f) =>
    t.setV(f.rd, reduce(t, operations[sizeOf(f)], sizeOf(f), 2, t.v(f.rn)));
/** FMAXV and its like. */
export const fpAcross =
  (operations: BySize<FpVectorOperation>): Translate<{ q: number; sz?: number } & Two> =>
  (t, f) =>
    t.setV(f.rd, reduce(t, operations[sizeOf(f)], sizeOf(f), lanesOf(f), t.v(f.rn)));

// Conversions

/** The attempt, or without one the cold paths alone, of an operation with a last argument that is a number. */
function convert(
  t: A64Translator,
  f: Width & Two,
  operations: FpVectorOperation,
  attempt: ((n: V) => ReturnType<VectorToVector['attempt']>) | undefined,
  argument: number,
): void {
  const operation = operations[lanesOf(f)] as VectorToVector;
  const n = spread(t, f, t.v(f.rn));
  const args = [n, t.ir.i32_const(argument) as unknown as V];
  t.setV(f.rd, clip(t.ir, bytesOf(f), applyOutcome(t, operation, attempt === undefined ? operation.attempt(t.ir, ...args) : attempt(n), ...args)));
}

function convertToInteger(t: A64Translator, f: Width & Two, conversions: BySize<ToInteger>, mode: Rounding, fractionBits: number): void {
  const { operation, attempt } = conversions[sizeOf(f)];
  convert(t, f, operation, attempt === undefined ? undefined : (n) => attempt(t.ir, mode, fractionBits, n), control(mode, fractionBits));
}
function convertFromInteger(t: A64Translator, f: Width & Two, conversions: BySize<FromInteger>, fractionBits: number): void {
  const { operation, attempt } = conversions[sizeOf(f)];
  convert(t, f, operation, attempt === undefined ? undefined : (n) => attempt(t.ir, fractionBits, n), fractionBits);
}

export const fpToInteger =
  (conversions: BySize<ToInteger>, mode: Rounding): Translate<Width & Two> =>
  (t, f) =>
    convertToInteger(t, f, conversions, mode, 0);
export const fpFromInteger =
  (conversions: BySize<FromInteger>): Translate<Width & Two> =>
  (t, f) =>
    convertFromInteger(t, f, conversions, 0);

interface FixedPoint extends Two {
  readonly q?: number;
  readonly immh: number;
  readonly immb: number;
}
/** The highest bit of immh gives the size; the fraction bits are what is missing from immh:immb to twice the element's width. */
const fixedPoint = <F extends FixedPoint>(f: F): { width: F & Width; fractionBits: number } => {
  const size = 31 - Math.clz32(f.immh);
  return { width: size === 1 ? f : { ...f, sz: size - 2 }, fractionBits: 2 * bitsOf(size) - ((f.immh << 3) | f.immb) };
};
export const fpToFixedPoint =
  (conversions: BySize<ToInteger>): Translate<FixedPoint> =>
  (t, f) => {
    const { width, fractionBits } = fixedPoint(f);
    convertToInteger(t, width, conversions, Rounding.zero, fractionBits);
  };
export const fpFromFixedPoint =
  (conversions: BySize<FromInteger>): Translate<FixedPoint> =>
  (t, f) => {
    const { width, fractionBits } = fixedPoint(f);
    convertFromInteger(t, width, conversions, fractionBits);
  };

/** FCVTL and FCVTL2: the low or the high half of n; sz 0: half to single, 1: single to double. */
export const fpLengthen: Translate<{ q: number; sz: number } & Two> = (t, f) => {
  const n = t.v(f.rn);
  const operation = lengthen[f.sz as 0 | 1][f.sz ? 2 : 4] as VectorToVector;
  t.setV(f.rd, applyFp(t, operation, f.q ? splatElement(t.ir, 3, n, 1) : n));
};

/** A narrowed V[rn] to the low half of d, or (`q`) to its high half, the low half staying. */
export function narrowed(t: A64Translator, f: { q: number } & Two, operation: FpOperation): void {
  const result = applyFp(t, operation as VectorToVector, t.v(f.rn));
  t.setV(f.rd, f.q ? lowHalves(t.ir, t.v(f.rd), result) : result);
}
/** FCVTN and FCVTN2. */
export const fpNarrow: Translate<{ q: number; sz: number } & Two> = (t, f) => narrowed(t, f, narrow[f.sz as 0 | 1][f.sz ? 2 : 4] as FpOperation);
export const fpNarrowToOdd: Translate<{ q: number } & Two> = (t, f) => narrowed(t, f, narrowToOdd[2] as FpOperation);
/** FCVTXN (scalar). */
export const fpNarrowToOddScalar: Translate<Two> = (t, { rn, rd }) => t.setV(rd, clip(t.ir, 4, applyFp(t, narrowToOdd[1] as VectorToVector, t.v(rn))));
