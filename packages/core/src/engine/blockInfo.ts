import { type Block, type IrBuffer, OP } from '../ir/index.ts';
import type { BlockInfo } from './seams.ts';

/** What instruments and hooks are told of a block. @param buffer its IR as translated */
export function blockInfo(id: number, { op, imm, imm2 }: IrBuffer, { pc, insns, bytes, start }: Block, exact: boolean): BlockInfo {
  const words = new Uint32Array(insns);
  for (let i = start, n = 0; n < insns; i++) {
    if (op[i] !== OP.insn) continue;
    words[imm[i]] = imm2[i];
    n++;
  }
  return { id, pc, insns, bytes, words, exact };
}
