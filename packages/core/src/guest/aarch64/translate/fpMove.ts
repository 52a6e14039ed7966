import type { A64Translator } from './translator.ts';

interface Registers {
  readonly rn: number;
  readonly rd: number;
}

/** FMOV Wd, Sn and FMOV Xd, Dn. */
export function fpToGeneral(t: A64Translator, { sf, rn, rd }: Registers & { readonly sf: number }): void {
  if (sf) t.setX(rd, t.ir.i64x2_extract_lane(t.v(rn), 0));
  else t.setW(rd, t.ir.i32x4_extract_lane(t.v(rn), 0));
}

/** FMOV Sd, Wn and FMOV Dd, Xn. */
export function fpFromGeneral(t: A64Translator, { sf, rn, rd }: Registers & { readonly sf: number }): void {
  const zero = t.ir.v128_words(0, 0, 0, 0);
  t.setV(rd, sf ? t.ir.i64x2_replace_lane(zero, t.x(rn), 0) : t.ir.i32x4_replace_lane(zero, t.w(rn), 0));
}

/** FMOV Wd, Hn and FMOV Xd, Hn. */
export function fpHalfToGeneral(t: A64Translator, { rn, rd }: Registers): void {
  t.setW(rd, t.ir.i16x8_extract_lane_u(t.v(rn), 0));
}

/** FMOV Hd, Wn and FMOV Hd, Xn. */
export function fpHalfFromGeneral(t: A64Translator, { rn, rd }: Registers): void {
  t.setV(rd, t.ir.i16x8_replace_lane(t.ir.v128_words(0, 0, 0, 0), t.w(rn), 0));
}

/** FMOV Xd, Vn.D[1] */
export function fpTopToGeneral(t: A64Translator, { rn, rd }: Registers): void {
  t.setX(rd, t.ir.i64x2_extract_lane(t.v(rn), 1));
}

/** FMOV Vd.D[1], Xn: the lower half stays. */
export function fpTopFromGeneral(t: A64Translator, { rn, rd }: Registers): void {
  t.setV(rd, t.ir.i64x2_replace_lane(t.v(rd), t.x(rn), 1));
}
