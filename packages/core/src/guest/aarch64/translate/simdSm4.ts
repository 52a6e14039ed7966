import { type IrBuilder, irHelper } from '../../../ir/index.ts';
import type { Translate } from './simdForms.ts';
import { SM4_SBOX, substitute } from './simdSbox.ts';
import { type I32, rotateLeft, vectorOfWords, words, xor } from './simdWords.ts';

/** FEAT_SM4: the block cipher SM4 (GB/T 32907-2016). */
interface Two {
  readonly rn: number;
  readonly rd: number;
}

/** The four bytes by the S-box, then the sum of the word and those turned by `turns`. */
function mix(ir: IrBuilder, word: I32, turns: readonly number[]): I32 {
  const substituted = ir.i32x4_extract_lane(substitute(ir, SM4_SBOX, ir.i32x4_splat(word)), 0);
  return xor(ir, substituted, ...turns.map((turn) => rotateLeft(ir, substituted, turn)));
}

/** Four rounds on `block`, with a word of `keys` each. */
const rounds = (name: string, turns: readonly number[]) =>
  irHelper(name, ['v128', 'v128'], 'v128', (ir, block, keys) => {
    let [a, b, c, d] = words(ir, block);
    for (const key of words(ir, keys)) [a, b, c, d] = [b, c, d, ir.i32_xor(a, mix(ir, xor(ir, b, c, d, key), turns))];
    return vectorOfWords(ir, [a, b, c, d]);
  });
const cipherRounds = rounds('sm4Rounds', [2, 10, 18, 24]);
const keyRounds = rounds('sm4KeyRounds', [13, 23]);

export const sm4Encrypt: Translate<Two> = (t, { rn, rd }) => t.setV(rd, t.ir.helper(cipherRounds, t.v(rd), t.v(rn)));

/** SM4EKEY: n holds four round keys, m the constants of the next four. */
export const sm4Key: Translate<Two & { readonly rm: number }> = (t, { rm, rn, rd }) => t.setV(rd, t.ir.helper(keyRounds, t.v(rn), t.v(rm)));
