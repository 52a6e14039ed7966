import { branches } from './branches.ts';
import { dataProcessingImmediate } from './dataProcessingImmediate.ts';
import { dataProcessingRegister } from './dataProcessingRegister.ts';
import { fpMoves } from './fpMoves.ts';
import { loadsAndStores } from './loadsAndStores.ts';
import { loadsAndStoresAtomic } from './loadsAndStoresAtomic.ts';
import { loadsAndStoresVector } from './loadsAndStoresVector.ts';
import { pointerAuthentication } from './pointerAuthentication.ts';
import { simdIntegers } from './simd.ts';
import { system } from './system.ts';

/** What about every program has: all but floating point and cryptography. */
export const general = [
  ...dataProcessingImmediate,
  ...dataProcessingRegister,
  ...branches,
  ...system,
  ...pointerAuthentication,
  ...loadsAndStores,
  ...loadsAndStoresAtomic,
  ...loadsAndStoresVector,
  ...fpMoves,
  ...simdIntegers,
];
