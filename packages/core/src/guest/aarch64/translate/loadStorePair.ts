import { signExtend } from '../../../base/index.ts';
import type { Value } from '../../../ir/index.ts';
import type { A64Translator } from './translator.ts';

/** How a register of a pair is loaded and stored: the two memory ops of a load come before any register is set. */
export interface PairElement<T> {
  /** log2 of the bytes of one register; the offset counts in these. */
  readonly scale: number;
  readonly isVector: boolean;
  readonly load: (t: A64Translator, address: Value<'i64'>) => T;
  readonly set: (t: A64Translator, rt: number, value: T) => void;
  readonly store: (t: A64Translator, address: Value<'i64'>, rt: number) => void;
}

/** As a table of elements of different types is used: what `load` gives goes to the same element's `set`. */
export type AnyPairElement = PairElement<Value>;

function setX(t: A64Translator, rt: number, value: Value): void {
  t.setX(rt, value as Value<'i64'>);
}

export const PAIR_W: AnyPairElement = {
  scale: 2,
  isVector: false,
  load: (t, address) => t.ir.i64_load32_u(address),
  set: setX,
  store: (t, address, rt) => t.ir.i64_store32(address, t.x(rt)),
};
export const PAIR_X: AnyPairElement = {
  scale: 3,
  isVector: false,
  load: (t, address) => t.ir.i64_load(address),
  set: setX,
  store: (t, address, rt) => t.ir.i64_store(address, t.x(rt)),
};
/** LDPSW; there is no such store. */
export const PAIR_SIGNED_WORD: AnyPairElement = { ...PAIR_W, load: (t, address) => t.ir.i64_load32_s(address) };
/** By the bit of the opc field that tells W (0) from X (1). */
export const PAIR_GENERAL: readonly AnyPairElement[] = [PAIR_W, PAIR_X];

/** Where the base register is advanced. */
export type PairMode = 'offset' | 'preIndex' | 'postIndex';

interface Pair {
  readonly imm7: number;
  readonly rt2: number;
  readonly rn: number;
  readonly rt: number;
}

function addresses(t: A64Translator, { imm7, rn }: Pair, scale: number, mode: PairMode): { first: Value<'i64'>; second: Value<'i64'>; writeBack: () => void } {
  const { ir } = t;
  const base = t.xOrSp(rn);
  const offset = signExtend(imm7, 7) * (1 << scale);
  const plus = (bytes: number): Value<'i64'> => (bytes === 0 ? base : ir.i64_add(base, ir.i64_const(bytes)));
  const first = mode === 'postIndex' ? base : plus(offset);
  const second = mode === 'postIndex' ? plus(1 << scale) : plus(offset + (1 << scale));
  return {
    first,
    second,
    writeBack: () => {
      if (mode === 'preIndex') t.setXOrSp(rn, first);
      if (mode === 'postIndex') t.setXOrSp(rn, plus(offset));
    },
  };
}

/**
 * LDP, LDNP, LDPSW. Where both registers are the same, which the manual leaves open, a general-purpose register keeps
 * the first transfer, a vector register the second, as on QEMU.
 */
export function loadPair(t: A64Translator, f: Pair, element: AnyPairElement, mode: PairMode): void {
  const { first, second, writeBack } = addresses(t, f, element.scale, mode);
  const a = element.load(t, first);
  const b = element.load(t, second);
  if (element.isVector) element.set(t, f.rt, a);
  element.set(t, f.rt2, b);
  if (!element.isVector) element.set(t, f.rt, a);
  writeBack();
}

/** STP, STNP. */
export function storePair(t: A64Translator, f: Pair, element: AnyPairElement, mode: PairMode): void {
  const { first, second, writeBack } = addresses(t, f, element.scale, mode);
  element.store(t, first, f.rt);
  element.store(t, second, f.rt2);
  writeBack();
}
