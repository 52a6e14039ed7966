import { FPSR } from '../state.ts';
import { pairwise } from './simdArithmetic.ts';
import {
  type Accumulating,
  add,
  addLongPairwise,
  type Binary,
  bitsOf,
  clip,
  extend,
  fromI64,
  lowHalves,
  multiplyLong,
  packHigh,
  type ShiftBy,
  type ShiftInto,
  type Sign,
  shl,
  splat,
  splatElement,
  type Unary,
  unzip,
  type V,
  zero,
} from './simdLanes.ts';
import {
  doublingMultiplyLong,
  type Narrowing,
  narrowSaturating,
  type Saturated,
  type SaturatingBinary,
  type SaturatingShift,
  type SaturatingUnary,
  sqadd,
  sqsub,
} from './simdSaturating.ts';
import type { A64Translator } from './translator.ts';

/**
 * The shapes of AdvSIMD data-processing instructions: which registers they read, how many bits of the destination
 * they make (the rest becomes zero), and what they do to FPSR.QC. Scalar rows have no `q` field: they make one element.
 */
export type Translate<F> = (t: A64Translator, fields: F) => void;
export interface Width {
  /** 1: the instruction works on 128 bits, 0: on 64; absent in scalar forms, which work on one element of `size`. */
  readonly q?: number;
  readonly size: number;
}
interface Two {
  readonly rn: number;
  readonly rd: number;
}
interface Three extends Two {
  readonly rm: number;
}

/** Bytes of the destination that the instruction makes. */
export const widthOf = ({ q, size }: Width): number => (q === undefined ? 1 << size : q === 1 ? 16 : 8);

/** V[n] and V[m], one value if they are the same register. */
export function operands(t: A64Translator, { rn, rm }: { rn: number; rm: number }): [V, V] {
  const n = t.v(rn);
  return [n, rm === rn ? n : t.v(rm)];
}

/** Sets FPSR.QC where `saturated` is not zero. */
export function setQc(t: A64Translator, saturated: V): void {
  const { ir } = t;
  const qc = ir.i32_shl(ir.v128_any_true(saturated), ir.i32_const(27));
  ir.setReg(FPSR, ir.i32_or(ir.getReg(FPSR), qc));
}

export function setSaturated(t: A64Translator, rd: number, { value, saturated }: Saturated): void {
  setQc(t, saturated);
  t.setV(rd, value);
}

// One element of each operand to one element

export const threeSame =
  (op: Binary): Translate<Width & Three> =>
  (t, f) => {
    const [n, m] = operands(t, f);
    t.setV(f.rd, clip(t.ir, widthOf(f), op(t.ir, f.size, n, m)));
  };

/** AND and its like, whose size field is part of the opcode. */
export const logical =
  (op: Binary): Translate<{ q: number } & Three> =>
  (t, f) =>
    threeSame(op)(t, { ...f, size: 0 });

export const threeSameAccumulating =
  (op: Accumulating): Translate<Width & Three> =>
  (t, f) => {
    const [n, m] = operands(t, f);
    t.setV(f.rd, clip(t.ir, widthOf(f), op(t.ir, f.size, t.v(f.rd), n, m)));
  };

/** BSL, BIT and BIF: `op` is given the old destination, n and m. */
export const bitwiseSelect =
  (op: (t: A64Translator, d: V, n: V, m: V) => V): Translate<{ q: number } & Three> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, f.q ? 16 : 8, op(t, t.v(f.rd), t.v(f.rn), t.v(f.rm))));

/** Operands are cut to the instruction's width, so that elements beyond it neither saturate nor leave anything. */
export const threeSameSaturating =
  (op: SaturatingBinary): Translate<Width & Three> =>
  (t, f) => {
    const width = widthOf(f);
    const n = clip(t.ir, width, t.v(f.rn));
    setSaturated(t, f.rd, op(t.ir, f.size, n, f.rm === f.rn ? n : clip(t.ir, width, t.v(f.rm))));
  };

export const twoRegister =
  (op: Unary): Translate<Width & Two> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, widthOf(f), op(t.ir, f.size, t.v(f.rn))));

/** NOT and RBIT, whose size field is part of the opcode. */
export const bytewise =
  (op: Unary): Translate<{ q: number } & Two> =>
  (t, f) =>
    twoRegister(op)(t, { ...f, size: 0 });

/** URECPE and URSQRTE, of words alone. */
export const words =
  (op: Unary): Translate<{ q: number } & Two> =>
  (t, f) =>
    twoRegister(op)(t, { ...f, size: 2 });

export const twoRegisterSaturating =
  (op: SaturatingUnary): Translate<Width & Two> =>
  (t, f) =>
    setSaturated(t, f.rd, op(t.ir, f.size, clip(t.ir, widthOf(f), t.v(f.rn))));

/** SUQADD and USQADD: the destination is the first operand. */
export const accumulateSaturating =
  (op: SaturatingBinary): Translate<Width & Two> =>
  (t, f) =>
    setSaturated(t, f.rd, op(t.ir, f.size, clip(t.ir, widthOf(f), t.v(f.rd)), clip(t.ir, widthOf(f), t.v(f.rn))));

/** A comparison with zero. */
export const compareZero =
  (op: Binary, zeroFirst = false): Translate<Width & Two> =>
  (t, f) => {
    const none = zero(t.ir);
    const n = t.v(f.rn);
    t.setV(f.rd, clip(t.ir, widthOf(f), zeroFirst ? op(t.ir, f.size, none, n) : op(t.ir, f.size, n, none)));
  };

// Neighbouring elements

/** Pairs of n, then of m. 64-bit vectors are put side by side and worked on as one. */
export const threeSamePairwise = (op: Binary): Translate<{ q: number; size: number } & Three> => {
  const pairs = pairwise(op);
  return (t, f) => {
    const [n, m] = operands(t, f);
    if (f.q) return t.setV(f.rd, pairs(t.ir, f.size, n, m));
    const both = lowHalves(t.ir, n, m);
    t.setV(f.rd, clip(t.ir, 8, pairs(t.ir, f.size, both, both)));
  };
};

export const pairwiseLong =
  (sign: Sign): Translate<{ q: number; size: number } & Two> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, widthOf(f), addLongPairwise(t.ir, f.size, sign, t.v(f.rn))));

export const pairwiseLongAccumulating =
  (sign: Sign): Translate<{ q: number; size: number } & Two> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, widthOf(f), add(t.ir, f.size + 1, t.v(f.rd), addLongPairwise(t.ir, f.size, sign, t.v(f.rn)))));

/** ADDP (scalar): the two doublewords of n. */
export const addPairOfDoublewords: Translate<Two> = (t, { rn, rd }) => {
  const n = t.v(rn);
  t.setV(rd, fromI64(t.ir, t.ir.i64_add(t.ir.i64x2_extract_lane(n, 0), t.ir.i64x2_extract_lane(n, 1))));
};

// Across the vector

/** Brings element 0 to the result of `op` over all elements: halves, quarters and so on are laid over each other. */
function fold(t: A64Translator, q: number, size: number, op: Binary, vector: V): V {
  let folded = q ? op(t.ir, size, vector, splatElement(t.ir, 3, vector, 1)) : vector;
  for (let bits = 32; bits >= bitsOf(size); bits /= 2) folded = op(t.ir, size, folded, t.ir.i64x2_shr_u(folded, t.ir.i32_const(bits)));
  return folded;
}

export const acrossLanes =
  (op: Binary): Translate<{ q: number; size: number } & Two> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, 1 << f.size, fold(t, f.q, f.size, op, t.v(f.rn))));

/** SADDLV and UADDLV: the sum has twice the elements' size. */
export const addAcrossLong =
  (sign: Sign): Translate<{ q: number; size: number } & Two> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, 2 << f.size, fold(t, f.q, f.size + 1, add, addLongPairwise(t.ir, f.size, sign, t.v(f.rn)))));

// Elements of twice the size

/** Both operands are widened (long), or the second one alone (wide). The operation works on elements of twice `size`. */
export const long =
  (sign: Sign, op: Binary): Translate<{ q: number; size: number } & Three> =>
  (t, f) => {
    const [n, m] = operands(t, f).map((v) => extend(t.ir, f.size, sign, f.q, v)) as [V, V];
    t.setV(f.rd, op(t.ir, f.size + 1, n, m));
  };

export const wide =
  (sign: Sign, op: Binary): Translate<{ q: number; size: number } & Three> =>
  (t, f) =>
    t.setV(f.rd, op(t.ir, f.size + 1, t.v(f.rn), extend(t.ir, f.size, sign, f.q, t.v(f.rm))));

/** ABAL and its like: the result of `op`, of elements of `size` that are unsigned, is widened and added. */
export const longDifference =
  (op: Binary, accumulating: boolean): Translate<{ q: number; size: number } & Three> =>
  (t, f) => {
    const difference = extend(t.ir, f.size, 'u', f.q, op(t.ir, f.size, ...operands(t, f)));
    t.setV(f.rd, accumulating ? add(t.ir, f.size + 1, t.v(f.rd), difference) : difference);
  };

/** The second operand of a multiplication: a register, or one of its elements in all places. */
export type SecondOperand<F> = (t: A64Translator, fields: F) => V;
const register: SecondOperand<{ rm: number }> = (t, { rm }) => t.v(rm);
type LongFields = { q: number; size: number } & Two;

/** SMULL, UMULL; with `accumulate`, MLAL and MLSL. */
export function multiplyLongForm<F>(sign: Sign, second: SecondOperand<F>, accumulate?: Binary): Translate<LongFields & F> {
  return (t, f) => {
    const product = multiplyLong(t.ir, f.size, sign, f.q, t.v(f.rn), second(t, f));
    t.setV(f.rd, accumulate === undefined ? product : accumulate(t.ir, f.size + 1, t.v(f.rd), product));
  };
}
export const threeDifferentMultiply = (sign: Sign, accumulate?: Binary): Translate<LongFields & { rm: number }> => multiplyLongForm(sign, register, accumulate);

/** SQDMULL, SQDMLAL, SQDMLSL; without `q`, of one element. */
export function doublingMultiplyLongForm<F>(second: SecondOperand<F>, accumulate?: 'add' | 'sub'): Translate<Width & Two & F> {
  return (t, f) => {
    const n = f.q === undefined ? clip(t.ir, 1 << f.size, t.v(f.rn)) : t.v(f.rn);
    const product = doublingMultiplyLong(t.ir, f.size, f.q ?? 0, n, second(t, f));
    if (accumulate === undefined) return setSaturated(t, f.rd, product);
    const d = f.q === undefined ? clip(t.ir, 2 << f.size, t.v(f.rd)) : t.v(f.rd);
    const sum = (accumulate === 'add' ? sqadd : sqsub)(t.ir, f.size + 1, d, product.value);
    setSaturated(t, f.rd, { value: sum.value, saturated: t.ir.v128_or(product.saturated, sum.saturated) });
  };
}
export const threeDifferentDoubling = (accumulate?: 'add' | 'sub'): Translate<Width & Three> => doublingMultiplyLongForm(register, accumulate);

// Elements of half the size: to the low half of the destination, or with Q to its high half, the low half staying

function setNarrow(t: A64Translator, { q, rd }: { q: number; rd: number }, narrowed: V): void {
  t.setV(rd, q ? lowHalves(t.ir, t.v(rd), narrowed) : narrowed);
}

/** ADDHN and SUBHN: the high halves of the results; rounding adds half of the last place kept. */
export const highNarrow =
  (op: Binary, rounding: boolean): Translate<{ q: number; size: number } & Three> =>
  (t, f) => {
    const result = op(t.ir, f.size + 1, ...operands(t, f));
    setNarrow(t, f, packHigh(t.ir, f.size, rounding ? addHalfOfPlace(t.ir, f.size + 1, result, bitsOf(f.size)) : result));
  };

/** Makes a shift right by `count` round, where the sum's carry out of the element does not matter. */
export const addHalfOfPlace: ShiftBy = (ir, size, a, count) => add(ir, size, a, splat(ir, size, 1n << BigInt(count - 1)));

/** SHRN and RSHRN: what is wanted is moved to the high half of its element, and packed from there. */
export const shiftNarrow =
  (before?: ShiftBy): Translate<{ q: number; size: number; count: number } & Two> =>
  (t, f) => {
    const n = before === undefined ? t.v(f.rn) : before(t.ir, f.size + 1, t.v(f.rn), f.count);
    setNarrow(t, f, packHigh(t.ir, f.size, shl(t.ir, f.size + 1, n, bitsOf(f.size) - f.count)));
  };

/** XTN. */
export const extractNarrow: Translate<{ q: number; size: number } & Two> = (t, f) =>
  setNarrow(t, f, f.size === 2 ? unzip(t.ir, 2, 0, t.v(f.rn), zero(t.ir)) : packHigh(t.ir, f.size, shl(t.ir, f.size + 1, t.v(f.rn), bitsOf(f.size))));

/** SQXTN, UQXTN, SQXTUN, and with a shift before it SQSHRN and its like. */
export const saturatingNarrow =
  (kind: Narrowing, shift?: ShiftBy): Translate<Width & Two & { count?: number }> =>
  (t, f) => {
    const n = f.q === undefined ? clip(t.ir, 2 << f.size, t.v(f.rn)) : t.v(f.rn);
    const { value, saturated } = narrowSaturating(t.ir, f.size, kind, shift === undefined ? n : shift(t.ir, f.size + 1, n, f.count ?? 0));
    setQc(t, saturated);
    setNarrow(t, { q: f.q ?? 0, rd: f.rd }, value);
  };

/** SSHLL, USHLL and SHLL. */
export const shiftLeftLong =
  (sign: Sign): Translate<{ q: number; size: number; count: number } & Two> =>
  (t, f) =>
    t.setV(f.rd, shl(t.ir, f.size + 1, extend(t.ir, f.size, sign, f.q, t.v(f.rn)), f.count));

/** SHLL: by the width of the elements. */
export const shiftLeftLongByElement: Translate<{ q: number; size: number } & Two> = (t, f) => shiftLeftLong('u')(t, { ...f, count: bitsOf(f.size) });

// Multiplication by one element of m: the row's l, m and h are the manual's L, M and H

interface ElementFields {
  readonly size: number;
  readonly l: number;
  readonly m: number;
  readonly rm: number;
  readonly h: number;
}

/** The element of V[m], in all places: halfwords have the index H:L:M, words H:L and M in the register's number. */
export const element: SecondOperand<ElementFields> = (t, { size, l, m, rm, h }) =>
  size === 1 ? splatElement(t.ir, 1, t.v(rm), (h << 2) | (l << 1) | m) : splatElement(t.ir, 2, t.v((m << 4) | rm), (h << 1) | l);

export const multiplyByElement =
  (op: Binary): Translate<Width & Two & ElementFields> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, widthOf(f), op(t.ir, f.size, t.v(f.rn), element(t, f))));

export const multiplyByElementAccumulating =
  (op: Accumulating): Translate<Width & Two & ElementFields> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, widthOf(f), op(t.ir, f.size, t.v(f.rd), t.v(f.rn), element(t, f))));

/** With n cut to the instruction's width, products beyond it are zero. */
export const multiplyByElementSaturating =
  (op: SaturatingBinary): Translate<Width & Two & ElementFields> =>
  (t, f) =>
    setSaturated(t, f.rd, op(t.ir, f.size, clip(t.ir, widthOf(f), t.v(f.rn)), element(t, f)));

// Shifts by a constant

export const shiftBy =
  (op: ShiftBy): Translate<Width & Two & { count: number }> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, widthOf(f), op(t.ir, f.size, t.v(f.rn), f.count)));

export const shiftInto =
  (op: ShiftInto): Translate<Width & Two & { count: number }> =>
  (t, f) =>
    t.setV(f.rd, clip(t.ir, widthOf(f), op(t.ir, f.size, t.v(f.rd), t.v(f.rn), f.count)));

export const shiftBySaturating =
  (op: SaturatingShift): Translate<Width & Two & { count: number }> =>
  (t, f) =>
    setSaturated(t, f.rd, op(t.ir, f.size, clip(t.ir, widthOf(f), t.v(f.rn)), f.count));
