import { aesDecrypt, aesEncrypt, aesInverseMixColumns, aesMixColumns } from '../translate/simdAes.ts';
import {
  sha1Choose,
  sha1Fixed,
  sha1Majority,
  sha1Parity,
  sha1Schedule0,
  sha1Schedule1,
  sha256Hash,
  sha256Hash2,
  sha256Schedule0,
  sha256Schedule1,
} from '../translate/simdSha.ts';
import { def } from '../translate/translator.ts';

const aes = { feature: 'FEAT_AES' };
const sha1 = { feature: 'FEAT_SHA1' };
const sha256 = { feature: 'FEAT_SHA256' };

/** Arm ARM C4.1: Cryptographic AES, three-register SHA and two-register SHA. */
export const simdCrypto = [
  def('AESE', '0100111000 10100 0010010 rn:5 rd:5', aesEncrypt, aes),
  def('AESD', '0100111000 10100 0010110 rn:5 rd:5', aesDecrypt, aes),
  def('AESMC', '0100111000 10100 0011010 rn:5 rd:5', aesMixColumns, aes),
  def('AESIMC', '0100111000 10100 0011110 rn:5 rd:5', aesInverseMixColumns, aes),
  def('SHA1C', '0101111000 0 rm:5 000000 rn:5 rd:5', sha1Choose, sha1),
  def('SHA1P', '0101111000 0 rm:5 000100 rn:5 rd:5', sha1Parity, sha1),
  def('SHA1M', '0101111000 0 rm:5 001000 rn:5 rd:5', sha1Majority, sha1),
  def('SHA1SU0', '0101111000 0 rm:5 001100 rn:5 rd:5', sha1Schedule0, sha1),
  def('SHA256H', '0101111000 0 rm:5 010000 rn:5 rd:5', sha256Hash, sha256),
  def('SHA256H2', '0101111000 0 rm:5 010100 rn:5 rd:5', sha256Hash2, sha256),
  def('SHA256SU1', '0101111000 0 rm:5 011000 rn:5 rd:5', sha256Schedule1, sha256),
  def('SHA1H', '0101111000 10100 0000010 rn:5 rd:5', sha1Fixed, sha1),
  def('SHA1SU1', '0101111000 10100 0000110 rn:5 rd:5', sha1Schedule1, sha1),
  def('SHA256SU0', '0101111000 10100 0001010 rn:5 rd:5', sha256Schedule0, sha256),
];
