import { ANY, type RowGroup } from '../decode/index.ts';
import { general } from './decode/general.ts';
import { special } from './decode/special.ts';
import type { A64Translator } from './translate/translator.ts';

/** The rows in groups, of which a run reads and makes those that it meets words of (scripts/bundle.mjs has them apart). */
export const rowGroups: readonly RowGroup<A64Translator>[] = [
  { common: ANY, gates: [], rows: () => general },
  {
    // Data processing of floating-point and vector registers
    common: { mask: 0x0e00_0000, value: 0x0e00_0000 },
    // As close as is simple: a word of another group that gets in costs time only.
    gates: [
      // Scalar floating point, but not conversions to and from integers (of which bits 15..10 are 0), then conversions but moves
      ...[15, 14, 13, 12, 11, 10].map((bit) => ({ mask: 0x5e00_0000 | (1 << bit), value: 0x1e00_0000 | (1 << bit) })),
      { mask: 0x5e20_0000, value: 0x1e00_0000 },
      { mask: 0x5e04_0000, value: 0x1e00_0000 },
      { mask: 0x5e02_0000, value: 0x1e00_0000 },
      { mask: 0x5e10_0000, value: 0x1e10_0000 },
      { mask: 0x5ec0_0000, value: 0x1ec0_0000 },
      // SIMD three same, of singles and doubles, and of halves
      { mask: 0x8e20_c400, value: 0x0e20_c400 },
      { mask: 0x8f60_c400, value: 0x0e40_0400 },
      // SIMD three same extra: dot products, complex numbers, rounding doubling
      { mask: 0x8f20_8400, value: 0x0e00_8400 },
      // SIMD two-register miscellaneous, its second half, of halves, and across lanes
      { mask: 0x8e3f_0c00, value: 0x0e21_0800 },
      { mask: 0x8e3f_cc00, value: 0x0e20_c800 },
      { mask: 0x8e78_0c00, value: 0x0e78_0800 },
      { mask: 0x8e3f_cc00, value: 0x0e30_c800 },
      // SIMD by element
      { mask: 0x8f00_0400, value: 0x0f00_0000 },
      // SIMD shift by immediate: conversions of fixed-point numbers, whose immh is not 0, and FMOV, which is 0 and whose cmode is 15
      { mask: 0x8f40_e400, value: 0x0f40_e400 },
      { mask: 0x8f20_e400, value: 0x0f20_e400 },
      { mask: 0x8f10_e400, value: 0x0f10_e400 },
      { mask: 0x8f00_f400, value: 0x0f00_f400 },
      // Cryptography: AES and two registers of SHA, three registers, and those of Armv8.2
      { mask: 0x8e3e_0c00, value: 0x0e28_0800 },
      { mask: 0xffe0_8c00, value: 0x5e00_0000 },
      { mask: 0xff00_0000, value: 0xce00_0000 },
    ],
    rows: () => special,
  },
];
