import { WHOLE_INSN, type Wish } from '../wish.ts';

/** Wants the instructions at some addresses, with all values. @param key another one for each `wants` that a machine gets */
export function pcWish(wants: (pc: number) => boolean, key = 'some'): Wish {
  return { key, level: 'values', isWhole: false, insn: ({ pc }) => (wants(pc) ? WHOLE_INSN : undefined) };
}
