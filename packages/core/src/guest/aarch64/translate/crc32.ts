import type { IrBuilder, Value } from '../../../ir/index.ts';
import type { A64Translator } from './translator.ts';

/** Generator polynomials, bit-reversed: CRC32 (IEEE 802.3) and CRC32C (Castagnoli). */
const POLYNOMIALS = { crc32: 0xedb88320, crc32c: 0x82f63b78 } as const;
export type CrcName = keyof typeof POLYNOMIALS;

/** What a zero CRC becomes where the data's only one is bit `bit` of `width`. */
function contribution(polynomial: number, bit: number, width: number): number {
  let crc = 1 << bit;
  for (let step = 0; step < width; step++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
  return crc;
}

/**
 * A CRC is linear: the new one is the exclusive or of what each bit of crc ^ data (its low `width` bits) contributes,
 * and, for less than 32 bits, of the old one shifted. Four bits are looked at together, one a vector lane.
 */
function crcBody(ir: IrBuilder, polynomial: number, width: 8 | 16 | 32, crc: Value<'i32'>, data: Value<'i32'>): Value<'i32'> {
  const state = ir.i32_xor(crc, data);
  const everywhere = ir.i32x4_splat(state);
  let sum: Value<'v128'> | undefined;
  for (let bit = 0; bit < width; bit += 4) {
    const selectors = ir.v128_words(1 << bit, 2 << bit, 4 << bit, 8 << bit);
    const isOne = ir.i32x4_eq(ir.v128_and(everywhere, selectors), selectors);
    const [w0, w1, w2, w3] = [0, 1, 2, 3].map((lane) => contribution(polynomial, bit + lane, width)) as [number, number, number, number];
    const part = ir.v128_and(isOne, ir.v128_words(w0, w1, w2, w3));
    sum = sum === undefined ? part : ir.v128_xor(sum, part);
  }
  const total = sum as Value<'v128'>;
  const pair = ir.i64_xor(ir.i64x2_extract_lane(total, 0), ir.i64x2_extract_lane(total, 1));
  const folded = ir.i32_wrap_i64(ir.i64_xor(pair, ir.i64_shr_u(pair, ir.i64_const(32))));
  return width === 32 ? folded : ir.i32_xor(folded, ir.i32_shr_u(crc, ir.i32_const(width)));
}

const WIDTHS = [8, 16, 32] as const;

/** CRC32B, CRC32H, CRC32W, CRC32X and the CRC32C of the same widths; `sz` is log2 of the bytes of data. */
export function crc32(t: A64Translator, { sf, rm, sz, rn, rd }: { sf: number; rm: number; sz: number; rn: number; rd: number }, name: CrcName): void {
  if ((sf === 1) !== (sz === 3)) return t.undefined();
  const { ir } = t;
  const polynomial = POLYNOMIALS[name];
  const crc = t.w(rn);
  if (sz < 3) return t.setW(rd, crcBody(ir, polynomial, WIDTHS[sz], crc, t.w(rm)));
  const data = t.x(rm);
  const low = crcBody(ir, polynomial, 32, crc, ir.i32_wrap_i64(data));
  t.setW(rd, crcBody(ir, polynomial, 32, low, ir.i32_wrap_i64(ir.i64_shr_u(data, ir.i64_const(32)))));
}
