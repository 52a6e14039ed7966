import type { Row } from '../decode/index.ts';
import { branches } from './decode/branches.ts';
import { dataProcessingImmediate } from './decode/dataProcessingImmediate.ts';
import { dataProcessingRegister } from './decode/dataProcessingRegister.ts';
import { floatingPoint } from './decode/fp.ts';
import { floatingPointHalf } from './decode/fpHalf.ts';
import { loadsAndStores } from './decode/loadsAndStores.ts';
import { loadsAndStoresAtomic } from './decode/loadsAndStoresAtomic.ts';
import { loadsAndStoresVector } from './decode/loadsAndStoresVector.ts';
import { pointerAuthentication } from './decode/pointerAuthentication.ts';
import { simd } from './decode/simd.ts';
import { system } from './decode/system.ts';
import type { A64Translator } from './translate/translator.ts';

/** Every A64 encoding that everystep knows: one list a group of the manual's chapter C4. */
export const rows: readonly Row<A64Translator>[] = [
  ...dataProcessingImmediate,
  ...dataProcessingRegister,
  ...branches,
  ...system,
  ...pointerAuthentication,
  ...loadsAndStores,
  ...loadsAndStoresAtomic,
  ...loadsAndStoresVector,
  ...floatingPoint,
  ...floatingPointHalf,
  ...simd,
];
