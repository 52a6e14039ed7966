import {
  byteMask,
  bytes,
  clearImmediate,
  copySize,
  doubles,
  duplicateElement,
  duplicateGeneral,
  insertElement,
  insertGeneral,
  moveElement,
  moveImmediate,
  moveInvertedImmediate,
  onesBelow,
  orImmediate,
  shiftedHalfwords,
  shiftedWords,
  signedMoveToGeneral,
  singles,
  unsignedMoveToGeneral,
} from '../translate/simdCopy.ts';
import { def } from '../translate/translator.ts';

type Arranged = { readonly q: number; readonly imm5: number };
const anyElement = { where: ({ imm5 }: { imm5: number }): boolean => copySize(imm5) < 4 };
const vectorElement = { where: ({ q, imm5 }: Arranged): boolean => copySize(imm5) < 3 + q };
/** The register is wider than the element. */
const signedElement = { where: ({ q, imm5 }: Arranged): boolean => copySize(imm5) < 2 + q };
/** W registers take up to words, X registers doublewords alone. */
const unsignedElement = { where: ({ q, imm5 }: Arranged): boolean => (q ? copySize(imm5) === 3 : copySize(imm5) < 3) };

/** Arm ARM C4.1: Advanced SIMD copy, and scalar copy. */
export const simdCopy = [
  def('DUP (element, vector)', '0 q:1 0 01110000 imm5:5 000001 rn:5 rd:5', duplicateElement, vectorElement),
  def('DUP (general)', '0 q:1 0 01110000 imm5:5 000011 rn:5 rd:5', duplicateGeneral, vectorElement),
  def('SMOV', '0 q:1 0 01110000 imm5:5 001011 rn:5 rd:5', signedMoveToGeneral, signedElement),
  def('UMOV', '0 q:1 0 01110000 imm5:5 001111 rn:5 rd:5', unsignedMoveToGeneral, unsignedElement),
  def('INS (general)', '0 1 0 01110000 imm5:5 000111 rn:5 rd:5', insertGeneral, anyElement),
  def('INS (element)', '0 1 1 01110000 imm5:5 0 imm4:4 1 rn:5 rd:5', insertElement, anyElement),
  def('DUP (element, scalar)', '01 0 11110000 imm5:5 000001 rn:5 rd:5', moveElement, anyElement),
];

/** Arm ARM C4.1: Advanced SIMD modified immediate. */
export const simdModifiedImmediate = [
  def('MOVI (32-bit shifted immediate)', '0 q:1 0 0111100000 abc:3 0 shift:2 001 defgh:5 rd:5', moveImmediate(shiftedWords)),
  def('ORR (vector, immediate, 32-bit)', '0 q:1 0 0111100000 abc:3 0 shift:2 101 defgh:5 rd:5', orImmediate(shiftedWords)),
  def('MOVI (16-bit shifted immediate)', '0 q:1 0 0111100000 abc:3 10 shift:1 001 defgh:5 rd:5', moveImmediate(shiftedHalfwords)),
  def('ORR (vector, immediate, 16-bit)', '0 q:1 0 0111100000 abc:3 10 shift:1 101 defgh:5 rd:5', orImmediate(shiftedHalfwords)),
  def('MOVI (32-bit shifting ones)', '0 q:1 0 0111100000 abc:3 110 shift:1 01 defgh:5 rd:5', moveImmediate(onesBelow)),
  def('MOVI (8-bit)', '0 q:1 0 0111100000 abc:3 111001 defgh:5 rd:5', moveImmediate(bytes)),
  def('FMOV (vector, immediate, single-precision)', '0 q:1 0 0111100000 abc:3 111101 defgh:5 rd:5', moveImmediate(singles)),
  def('MVNI (32-bit shifted immediate)', '0 q:1 1 0111100000 abc:3 0 shift:2 001 defgh:5 rd:5', moveInvertedImmediate(shiftedWords)),
  def('BIC (vector, immediate, 32-bit)', '0 q:1 1 0111100000 abc:3 0 shift:2 101 defgh:5 rd:5', clearImmediate(shiftedWords)),
  def('MVNI (16-bit shifted immediate)', '0 q:1 1 0111100000 abc:3 10 shift:1 001 defgh:5 rd:5', moveInvertedImmediate(shiftedHalfwords)),
  def('BIC (vector, immediate, 16-bit)', '0 q:1 1 0111100000 abc:3 10 shift:1 101 defgh:5 rd:5', clearImmediate(shiftedHalfwords)),
  def('MVNI (32-bit shifting ones)', '0 q:1 1 0111100000 abc:3 110 shift:1 01 defgh:5 rd:5', moveInvertedImmediate(onesBelow)),
  def('MOVI (64-bit)', '0 q:1 1 0111100000 abc:3 111001 defgh:5 rd:5', moveImmediate(byteMask)),
  def('FMOV (vector, immediate, double-precision)', '0 q:1 1 0111100000 abc:3 111101 defgh:5 rd:5', moveImmediate(doubles), { where: ({ q }) => q === 1 }),
];
