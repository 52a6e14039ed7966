import { simdCrypto } from './simdCrypto.ts';
import { simdCryptoLater } from './simdCryptoLater.ts';
import { simdDotProduct } from './simdDotProduct.ts';
import {
  simdFpAcrossLanes,
  simdFpByElement,
  simdFpFixedPoint,
  simdFpScalarThreeSame,
  simdFpScalarTwoRegister,
  simdFpThreeSame,
  simdFpTwoRegister,
} from './simdFp.ts';
import { simdFpExtensions } from './simdFpExtensions.ts';
import { simdFpHalfOthers, simdFpHalfThreeSame, simdFpHalfTwoRegister } from './simdFpHalf.ts';
import { simdRoundingDoubling } from './simdRoundingDoubling.ts';

/** Arm ARM C4.1: Advanced SIMD: floating point, cryptography, and products that extensions add. */
export const simdSpecial = [
  ...simdRoundingDoubling,
  ...simdDotProduct,
  ...simdCrypto,
  ...simdCryptoLater,
  ...simdFpThreeSame,
  ...simdFpScalarThreeSame,
  ...simdFpTwoRegister,
  ...simdFpScalarTwoRegister,
  ...simdFpAcrossLanes,
  ...simdFpByElement,
  ...simdFpFixedPoint,
  ...simdFpHalfThreeSame,
  ...simdFpHalfTwoRegister,
  ...simdFpHalfOthers,
  ...simdFpExtensions,
];
