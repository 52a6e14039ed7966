import { WHOLE_INSN, type Wish } from '../wish.ts';

/** Wants the instructions at some addresses, with all values. */
export function pcWish(wants: (pc: number) => boolean): Wish {
  return { key: 'some', level: 'values', isWhole: false, insn: ({ pc }) => (wants(pc) ? WHOLE_INSN : undefined) };
}
