import { simdByElement, simdScalarByElement } from './simdByElement.ts';
import { simdCopy, simdModifiedImmediate } from './simdCopy.ts';
import { simdLoadStoreMultiple, simdLoadStoreSingle } from './simdLoadStore.ts';
import { simdPermute } from './simdPermute.ts';
import { simdScalarShift, simdShift } from './simdShift.ts';
import { simdScalarThreeDifferent, simdThreeDifferent } from './simdThreeDifferent.ts';
import { simdScalarThreeSame, simdThreeSame } from './simdThreeSame.ts';
import { simdAcrossLanes, simdScalarTwoRegister, simdTwoRegister } from './simdTwoRegister.ts';

/** Arm ARM C4.1: Advanced SIMD on integers, and the SIMD part of Loads and Stores. */
export const simdIntegers = [
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
  ...simdCopy,
  ...simdModifiedImmediate,
  ...simdPermute,
];
