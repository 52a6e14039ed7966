import { bitClearAndExclusiveOr, exclusiveOrAndRotate, exclusiveOrOfThree, rotateAndExclusiveOr } from '../translate/simdSha3.ts';
import { sha512Hash, sha512Hash2, sha512Schedule0, sha512Schedule1 } from '../translate/simdSha512.ts';
import { sm3Rotation, sm3Round1Majority, sm3Round1Parity, sm3Round2Choose, sm3Round2Parity, sm3Schedule1, sm3Schedule2 } from '../translate/simdSm3.ts';
import { sm4Encrypt, sm4Key } from '../translate/simdSm4.ts';
import { def } from '../translate/translator.ts';

const sha3 = { feature: 'FEAT_SHA3' };
const sha512 = { feature: 'FEAT_SHA512' };
const sm3 = { feature: 'FEAT_SM3' };
const sm4 = { feature: 'FEAT_SM4' };

/** Arm ARM C4.1: Cryptographic three-register, imm2; three-register SHA 512; four-register; XAR; two-register SHA 512. All of Armv8.2. */
export const simdCryptoLater = [
  def('EOR3', '11001110000 rm:5 0 ra:5 rn:5 rd:5', exclusiveOrOfThree, sha3),
  def('BCAX', '11001110001 rm:5 0 ra:5 rn:5 rd:5', bitClearAndExclusiveOr, sha3),
  def('RAX1', '11001110011 rm:5 100011 rn:5 rd:5', rotateAndExclusiveOr, sha3),
  def('XAR', '11001110100 rm:5 imm6:6 rn:5 rd:5', exclusiveOrAndRotate, sha3),
  def('SHA512H', '11001110011 rm:5 100000 rn:5 rd:5', sha512Hash, sha512),
  def('SHA512H2', '11001110011 rm:5 100001 rn:5 rd:5', sha512Hash2, sha512),
  def('SHA512SU0', '11001110110 00000 100000 rn:5 rd:5', sha512Schedule0, sha512),
  def('SHA512SU1', '11001110011 rm:5 100010 rn:5 rd:5', sha512Schedule1, sha512),
  def('SM3SS1', '11001110010 rm:5 0 ra:5 rn:5 rd:5', sm3Rotation, sm3),
  def('SM3TT1A', '11001110010 rm:5 10 imm2:2 00 rn:5 rd:5', sm3Round1Parity, sm3),
  def('SM3TT1B', '11001110010 rm:5 10 imm2:2 01 rn:5 rd:5', sm3Round1Majority, sm3),
  def('SM3TT2A', '11001110010 rm:5 10 imm2:2 10 rn:5 rd:5', sm3Round2Parity, sm3),
  def('SM3TT2B', '11001110010 rm:5 10 imm2:2 11 rn:5 rd:5', sm3Round2Choose, sm3),
  def('SM3PARTW1', '11001110011 rm:5 110000 rn:5 rd:5', sm3Schedule1, sm3),
  def('SM3PARTW2', '11001110011 rm:5 110001 rn:5 rd:5', sm3Schedule2, sm3),
  def('SM4E', '11001110110 00000 100001 rn:5 rd:5', sm4Encrypt, sm4),
  def('SM4EKEY', '11001110011 rm:5 110010 rn:5 rd:5', sm4Key, sm4),
];
