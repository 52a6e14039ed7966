import { FlagKind, nzcvOf } from '../ir/index.ts';

const wide = (lo: number, hi: number): bigint => BigInt.asUintN(32, BigInt(lo)) | (BigInt.asUintN(32, BigInt(hi)) << 32n);

/**
 * N Z C V in bits 3..0, as nzcvOf of ir/flags.ts, but from 32-bit halves: this runs for each traced instruction that
 * sets flags. `c` is 0 where the condition of a conditional kind fails.
 */
export function nzcvOfWords(packed: number, aLo: number, aHi: number, bLo: number, bHi: number, c: number): number {
  if ((packed & 0x100) !== 0 && c === 0) return (packed >> 4) & 15;
  switch (packed & 15) {
    case FlagKind.NZCV:
      return aLo >>> 28;
    case FlagKind.LOGIC32:
      return aLo < 0 ? 8 : aLo === 0 ? 4 : 0;
    case FlagKind.LOGIC64:
      return aHi < 0 ? 8 : (aLo | aHi) === 0 ? 4 : 0;
    case FlagKind.ADD32: {
      const r = (aLo + bLo) | 0;
      return topFlags(r, r) | (r >>> 0 < aLo >>> 0 ? 2 : 0) | (((aLo ^ r) & (bLo ^ r)) >>> 31);
    }
    case FlagKind.SUB32: {
      const r = (aLo - bLo) | 0;
      return topFlags(r, r) | (aLo >>> 0 >= bLo >>> 0 ? 2 : 0) | (((aLo ^ bLo) & (aLo ^ r)) >>> 31);
    }
    case FlagKind.ADD64: {
      const lo = (aLo + bLo) | 0;
      const carry = lo >>> 0 < aLo >>> 0 ? 1 : 0;
      const unsignedHi = (aHi >>> 0) + (bHi >>> 0) + carry;
      const hi = unsignedHi | 0;
      return topFlags(hi, lo | hi) | (unsignedHi > 0xffff_ffff ? 2 : 0) | (((aHi ^ hi) & (bHi ^ hi)) >>> 31);
    }
    case FlagKind.SUB64: {
      const lo = (aLo - bLo) | 0;
      const unsignedHi = (aHi >>> 0) - (bHi >>> 0) - (aLo >>> 0 < bLo >>> 0 ? 1 : 0);
      const hi = unsignedHi | 0;
      return topFlags(hi, lo | hi) | (unsignedHi >= 0 ? 2 : 0) | (((aHi ^ bHi) & (aHi ^ hi)) >>> 31);
    }
    default:
      return nzcvOf(packed, wide(aLo, aHi), wide(bLo, bHi), c);
  }
}

/** N from the top word's sign, Z where all words, or-ed, are 0. */
const topFlags = (top: number, all: number): number => (top < 0 ? 8 : 0) | (all === 0 ? 4 : 0);

/** Arm condition (C1.2.4) on N Z C V in bits 3..0. */
export function holds(condition: number, nzcv: number): boolean {
  const n = nzcv >> 3;
  const z = (nzcv >> 2) & 1;
  const v = nzcv & 1;
  let base: boolean;
  switch (condition >> 1) {
    case 0:
      base = z === 1;
      break;
    case 1:
      base = (nzcv & 2) !== 0;
      break;
    case 2:
      base = n === 1;
      break;
    case 3:
      base = v === 1;
      break;
    case 4:
      base = (nzcv & 2) !== 0 && z === 0;
      break;
    case 5:
      base = n === v;
      break;
    case 6:
      base = n === v && z === 0;
      break;
    default:
      return true;
  }
  return base !== ((condition & 1) === 1);
}
