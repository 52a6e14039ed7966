import { simdByElement, simdScalarByElement } from './simdByElement.ts';
import { simdCopy, simdModifiedImmediate } from './simdCopy.ts';
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
import { simdLoadStoreMultiple, simdLoadStoreSingle } from './simdLoadStore.ts';
import { simdPermute } from './simdPermute.ts';
import { simdRoundingDoubling } from './simdRoundingDoubling.ts';
import { simdScalarShift, simdShift } from './simdShift.ts';
import { simdScalarThreeDifferent, simdThreeDifferent } from './simdThreeDifferent.ts';
import { simdScalarThreeSame, simdThreeSame } from './simdThreeSame.ts';
import { simdAcrossLanes, simdScalarTwoRegister, simdTwoRegister } from './simdTwoRegister.ts';

/** Arm ARM C4.1: Advanced SIMD, and the SIMD part of Loads and Stores. */
export const simd = [
  ...simdLoadStoreMultiple,
  ...simdLoadStoreSingle,
  ...simdThreeSame,
  ...simdScalarThreeSame,
  ...simdThreeDifferent,
  ...simdScalarThreeDifferent,
  ...simdTwoRegister,
  ...simdScalarTwoRegister,
  ...simdAcrossLanes,
  ...simdShift,
  ...simdScalarShift,
  ...simdByElement,
  ...simdScalarByElement,
  ...simdRoundingDoubling,
  ...simdDotProduct,
  ...simdCopy,
  ...simdModifiedImmediate,
  ...simdPermute,
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
