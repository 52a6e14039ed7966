import type { TrapDescription } from '../guest.ts';

/** Codes of `trap` terminators. */
export const Trap = {
  /** No row, or an encoding that the manual leaves undefined; the argument is the word. */
  undefined: 1,
  /** BRK #argument */
  breakpoint: 2,
  /** The instruction could not be fetched. */
  fetch: 3,
  /** HLT #argument */
  halt: 4,
  /** Control went to an address that is no multiple of 4. */
  alignment: 5,
  /** An indirect branch led to an instruction, the argument, that is no target for it. */
  branchTarget: 6,
} as const;

/** Signal and si_code as Linux reports them (arch/arm64/kernel/traps.c names the same causes). */
export function describeTrap(code: number, argument: number): TrapDescription {
  switch (code) {
    case Trap.breakpoint:
      return { signal: 5, code: 1, text: `brk #0x${argument.toString(16)}` };
    case Trap.fetch:
      return { signal: 11, code: 1, text: 'no executable memory here' };
    case Trap.alignment:
      return { signal: 7, code: 1, text: 'misaligned program counter' };
    case Trap.branchTarget:
      return { signal: 4, code: 2, text: `no target for an indirect branch: 0x${(argument >>> 0).toString(16).padStart(8, '0')}` };
    default:
      return { signal: 4, code: 2, text: `undefined instruction 0x${(argument >>> 0).toString(16).padStart(8, '0')}` };
  }
}
