import type { Value } from '../../../ir/index.ts';
import { DOUBLE_ARITHMETIC, SINGLE_ARITHMETIC } from './fpArithmetic.ts';
import { control } from './fpConversions.ts';
import { applyFp, applyOutcome, type FpOperation } from './fpOperation.ts';
import { Rounding } from './fpSoftFloat.ts';
import { FP_ARITHMETIC, type FpVectorArithmetic } from './simdFpArithmetic.ts';
import { type FpVectorPair, type FromInteger, lengthen, narrow, narrowToOdd, type ToInteger } from './simdFpConvert.ts';
import type { FpVectorOperation } from './simdFpLanes.ts';
import { operands, type Translate } from './simdForms.ts';
import { clip, lowHalves, shuffleElements, splatElement, type V, zero } from './simdLanes.ts';
import type { A64Translator } from './translator.ts';

/**
 * The shapes of AdvSIMD's floating-point instructions. `sz` is the manual's: 0 single, 1 double; scalar forms have no
 * `q`. Lanes that do not count must raise nothing, nor take the slow ways of zeros and NaNs: they are given the operands
 * of lanes that do.
 */
interface Width {
  readonly q?: number;
  readonly sz: number;
}
interface Two {
  readonly rn: number;
  readonly rd: number;
}
interface Three extends Two {
  readonly rm: number;
}

const bytesOf = ({ q, sz }: Width): number => (q === undefined ? 4 << sz : q === 1 ? 16 : 8);
const lanesOf = (f: Width): number => bytesOf(f) >> (2 + f.sz);

/** The lanes that count, in all places. */
function spread(t: A64Translator, f: Width, v: V): V {
  if (f.q === 1) return v;
  return f.q === 0 ? lowHalves(t.ir, v, v) : splatElement(t.ir, 2 + f.sz, v, 0);
}

function apply(t: A64Translator, f: Width & { readonly rd: number }, operation: FpVectorOperation, ...vectors: V[]): void {
  t.setV(f.rd, clip(t.ir, bytesOf(f), applyFp(t, operation[lanesOf(f)] as FpOperation<readonly 'v128'[], 'v128'>, ...vectors)));
}

const pick = (pair: FpVectorPair, f: Width): FpVectorOperation => pair[f.sz as 0 | 1];

export type ArithmeticName = Exclude<keyof FpVectorArithmetic, 'fma' | 'sqrt'>;
/** Single and double of an operation of FP_ARITHMETIC. */
export const arithmetic = (name: keyof FpVectorArithmetic): FpVectorPair => [FP_ARITHMETIC[0][name], FP_ARITHMETIC[1][name]];

export const fpThreeSame =
  (pair: FpVectorPair): Translate<Width & Three> =>
  (t, f) => {
    const [n, m] = operands(t, f);
    const first = spread(t, f, n);
    apply(t, f, pick(pair, f), first, n === m ? first : spread(t, f, m));
  };

/** FABD: the magnitude of the difference, of NaNs too. */
export const fpAbsoluteDifference: Translate<Width & Three> = (t, f) => {
  const [n, m] = operands(t, f).map((v) => spread(t, f, v)) as [V, V];
  const difference = applyFp(t, FP_ARITHMETIC[f.sz as 0 | 1].sub[lanesOf(f)] as FpOperation<readonly 'v128'[], 'v128'>, n, m);
  t.setV(f.rd, clip(t.ir, bytesOf(f), f.sz ? t.ir.f64x2_abs(difference) : t.ir.f32x4_abs(difference)));
};

/** FMLA, and FMLS, which turns n's sign. */
function fused(t: A64Translator, f: Width & Two, subtract: boolean, m: V): void {
  const n = spread(t, f, t.v(f.rn));
  const factor = subtract ? (f.sz ? t.ir.f64x2_neg(n) : t.ir.f32x4_neg(n)) : n;
  apply(t, f, FP_ARITHMETIC[f.sz as 0 | 1].fma, spread(t, f, t.v(f.rd)), factor, m);
}
export const fpFused =
  (subtract: boolean): Translate<Width & Three> =>
  (t, f) =>
    fused(t, f, subtract, spread(t, f, t.v(f.rm)));

interface ElementFields {
  readonly sz: number;
  readonly l: number;
  readonly m: number;
  readonly rm: number;
  readonly h: number;
}
/** The element of V[M:Rm], in all places: singles have the index H:L, doubles H. */
const element = (t: A64Translator, { sz, l, m, rm, h }: ElementFields): V => splatElement(t.ir, 2 + sz, t.v((m << 4) | rm), sz ? h : (h << 1) | l);

export const fpByElement =
  (pair: FpVectorPair): Translate<Width & Two & ElementFields> =>
  (t, f) =>
    apply(t, f, pick(pair, f), spread(t, f, t.v(f.rn)), element(t, f));
export const fpFusedByElement =
  (subtract: boolean): Translate<Width & Two & ElementFields> =>
  (t, f) =>
    fused(t, f, subtract, element(t, f));

/** One operand. */
export const fpTwoRegister =
  (pair: FpVectorPair): Translate<Width & Two> =>
  (t, f) =>
    apply(t, f, pick(pair, f), spread(t, f, t.v(f.rn)));

/** FABS and FNEG: bit operations, NaNs included. */
export const fpSign =
  (op: 'abs' | 'neg'): Translate<Width & Two> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, bytesOf(f), f.sz ? t.ir[`f64x2_${op}`](t.v(f.rn)) : t.ir[`f32x4_${op}`](t.v(f.rn))));

/** A comparison with zero. */
export const fpCompareZero =
  (pair: FpVectorPair, zeroFirst = false): Translate<Width & Two> =>
  (t, f) => {
    const n = spread(t, f, t.v(f.rn));
    const none = zero(t.ir);
    if (zeroFirst) apply(t, f, pick(pair, f), none, n);
    else apply(t, f, pick(pair, f), n, none);
  };

// Neighbouring lanes

/** Pairs of n, then of m; two pairs of singles are there twice. */
export const fpPairwise =
  (pair: FpVectorPair): Translate<{ q: number; sz: number } & Three> =>
  (t, f) => {
    const [n, m] = operands(t, f);
    const both = f.q ? undefined : lowHalves(t.ir, n, m);
    const size = 2 + f.sz;
    const [even, odd] = [0, 1].map((part) => shuffleElements(t.ir, size, both ?? n, both ?? m, (i) => 2 * i + part)) as [V, V];
    apply(t, f, pick(pair, f), even, odd);
  };

type ScalarName = 'add' | 'max' | 'min' | 'maxnm' | 'minnm';

/** The two lowest lanes, or with `across` all four: halves first, as the manual's Reduce does. */
const reduce =
  (name: ScalarName, across: boolean): Translate<{ sz: number } & Two> =>
  (t, { sz, rn, rd }) => {
    const n = t.v(rn);
    if (sz) return t.setD(rd, applyFp(t, DOUBLE_ARITHMETIC[name], t.ir.f64x2_extract_lane(n, 0), t.ir.f64x2_extract_lane(n, 1)));
    const lane = (i: number): Value<'f32'> => t.ir.f32x4_extract_lane(n, i);
    const low = applyFp(t, SINGLE_ARITHMETIC[name], lane(0), lane(1));
    t.setS(rd, across ? applyFp(t, SINGLE_ARITHMETIC[name], low, applyFp(t, SINGLE_ARITHMETIC[name], lane(2), lane(3))) : low);
  };
export const fpPair = (name: ScalarName): Translate<{ sz: number } & Two> => reduce(name, false);
export const fpAcross = (name: ScalarName): Translate<Two> => {
  const translate = reduce(name, true);
  return (t, f) => translate(t, { ...f, sz: 0 });
};

// Conversions

type ToIntegers = readonly [ToInteger, ToInteger];
type FromIntegers = readonly [FromInteger, FromInteger];

function convertToInteger(t: A64Translator, f: Width & Two, pair: ToIntegers, mode: Rounding, fractionBits: number): void {
  const { helpers, attempt } = pair[f.sz as 0 | 1];
  const n = spread(t, f, t.v(f.rn));
  const args = [n, t.ir.i32_const(control(mode, fractionBits))] as unknown as V[];
  t.setV(f.rd, clip(t.ir, bytesOf(f), applyOutcome(t, helpers[lanesOf(f)] as FpOperation<readonly 'v128'[], 'v128'>, attempt(t.ir, mode, fractionBits, n), ...args)));
}
function convertFromInteger(t: A64Translator, f: Width & Two, pair: FromIntegers, fractionBits: number): void {
  const { helpers, attempt } = pair[f.sz as 0 | 1];
  const n = spread(t, f, t.v(f.rn));
  const args = [n, t.ir.i32_const(fractionBits)] as unknown as V[];
  t.setV(f.rd, clip(t.ir, bytesOf(f), applyOutcome(t, helpers[lanesOf(f)] as FpOperation<readonly 'v128'[], 'v128'>, attempt(t.ir, fractionBits, n), ...args)));
}

export const fpToInteger =
  (pair: ToIntegers, mode: Rounding): Translate<Width & Two> =>
  (t, f) =>
    convertToInteger(t, f, pair, mode, 0);
export const fpFromInteger =
  (pair: FromIntegers): Translate<Width & Two> =>
  (t, f) =>
    convertFromInteger(t, f, pair, 0);

interface FixedPoint extends Two {
  readonly q?: number;
  readonly immh: number;
  readonly immb: number;
}
/** The fraction bits are what is missing from immh:immb to twice the element's width. */
const fixedPoint = <F extends FixedPoint>(f: F): { width: F & { sz: number }; fractionBits: number } => {
  const sz = f.immh >= 8 ? 1 : 0;
  return { width: { ...f, sz }, fractionBits: (64 << sz) - ((f.immh << 3) | f.immb) };
};
export const fpToFixedPoint =
  (pair: ToIntegers): Translate<FixedPoint> =>
  (t, f) => {
    const { width, fractionBits } = fixedPoint(f);
    convertToInteger(t, width, pair, Rounding.zero, fractionBits);
  };
export const fpFromFixedPoint =
  (pair: FromIntegers): Translate<FixedPoint> =>
  (t, f) => {
    const { width, fractionBits } = fixedPoint(f);
    convertFromInteger(t, width, pair, fractionBits);
  };

/** FCVTL and FCVTL2: the low or the high half of n; sz 0: half to single, 1: single to double. */
export const fpLengthen: Translate<{ q: number; sz: number } & Two> = (t, f) => {
  const n = t.v(f.rn);
  const operation = lengthen[f.sz as 0 | 1][f.sz ? 2 : 4] as FpOperation<readonly 'v128'[], 'v128'>;
  t.setV(f.rd, applyFp(t, operation, f.q ? splatElement(t.ir, 3, n, 1) : n));
};

function narrowed(t: A64Translator, f: { q: number } & Two, operation: FpOperation): void {
  const result = applyFp(t, operation as FpOperation<readonly 'v128'[], 'v128'>, t.v(f.rn));
  t.setV(f.rd, f.q ? lowHalves(t.ir, t.v(f.rd), result) : result);
}
/** FCVTN and FCVTN2: to the low half of d, or to its high half, the low half staying. */
export const fpNarrow: Translate<{ q: number; sz: number } & Two> = (t, f) => narrowed(t, f, narrow[f.sz as 0 | 1][f.sz ? 2 : 4] as FpOperation);
export const fpNarrowToOdd: Translate<{ q: number } & Two> = (t, f) => narrowed(t, f, narrowToOdd[2] as FpOperation);
/** FCVTXN (scalar). */
export const fpNarrowToOddScalar: Translate<Two> = (t, { rn, rd }) => t.setV(rd, clip(t.ir, 4, applyFp(t, narrowToOdd[1] as FpOperation<readonly 'v128'[], 'v128'>, t.v(rn))));
