/**
 * The registers that both sides are compared by, as 32-bit words:
 *
 *     pc (2) | X0..X30 (62) | SP (2) | NZCV (1) | FPCR (1) | FPSR (1) | V0..V31 (128)
 */
export const AT = { pc: 0, x: 2, sp: 64, nzcv: 66, fpcr: 67, fpsr: 68, v: 69 } as const;
export const STATE_WORDS = AT.v + 128;

const hex = (words: Int32Array, at: number, count: number): string =>
  Array.from({ length: count }, (_, i) => (words[at + count - 1 - i] >>> 0).toString(16).padStart(8, '0')).join('');

/** A register that differs. */
export interface RegisterDifference {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
}

/** Name, place and width of each register. */
const REGISTERS: readonly { readonly name: string; readonly at: number; readonly words: number }[] = [
  { name: 'pc', at: AT.pc, words: 2 },
  ...Array.from({ length: 31 }, (_, i) => ({ name: `x${i}`, at: AT.x + 2 * i, words: 2 })),
  { name: 'sp', at: AT.sp, words: 2 },
  { name: 'nzcv', at: AT.nzcv, words: 1 },
  { name: 'fpcr', at: AT.fpcr, words: 1 },
  { name: 'fpsr', at: AT.fpsr, words: 1 },
  ...Array.from({ length: 32 }, (_, i) => ({ name: `v${i}`, at: AT.v + 4 * i, words: 4 })),
];

/** True if the states are equal. */
export function sameState(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < STATE_WORDS; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function differences(expected: Int32Array, actual: Int32Array): RegisterDifference[] {
  return REGISTERS.map(({ name, at, words }) => ({ name, expected: hex(expected, at, words), actual: hex(actual, at, words) })).filter(
    (d) => d.expected !== d.actual,
  );
}

/** The program counter, which is below 2^53. */
export const pcOf = (state: Int32Array): number => (state[AT.pc + 1] >>> 0) * 0x1_0000_0000 + (state[AT.pc] >>> 0);
