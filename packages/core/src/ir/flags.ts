/**
 * Condition flags N Z C V are kept as the operands of the instruction that set them, and computed where they are read:
 * the lowering turns a test after a known `setFlags` into one compare.
 *
 * `a` and `b` are i64; 32-bit kinds use their low halves. C is "no borrow" after a subtraction, as on Arm.
 */
export const FlagKind = {
  /** a: N Z C V in bits 31..28 */
  NZCV: 0,
  /** flags of a + b */
  ADD32: 1,
  ADD64: 2,
  /** flags of a - b */
  SUB32: 3,
  SUB64: 4,
  /** N and Z of a; C = V = 0 */
  LOGIC32: 5,
  LOGIC64: 6,
  /** comparison of the floating-point numbers whose bits a and b hold (f32 in the low half) */
  FCMP32: 7,
  FCMP64: 8,
} as const;
export type FlagKind = (typeof FlagKind)[keyof typeof FlagKind];

/**
 * Packed kind, as it stands in the CPU state's `flagKind`:
 *
 *     bits 0..3  FlagKind
 *     bits 4..7  N Z C V to use where the condition fails (bit 7 = N)
 *     bit  8     conditional: the kind holds where flagC is not 0, else bits 4..7
 */
export const packFlagKind = (kind: FlagKind, conditional: boolean, otherwise: number): number => kind | (otherwise << 4) | (conditional ? 0x100 : 0);

/**
 * N Z C V in bits 3..0 of lazily held flags. The plain reference that the lowering, the debugger and the trace reader agree with.
 * @param packed packFlagKind's result
 * @param a 64-bit operand, taken modulo 2^64
 * @param b 64-bit operand, taken modulo 2^64
 * @param c the condition's value, used if `packed` is conditional
 */
export function nzcvOf(packed: number, a: bigint, b: bigint, c: number): number {
  if ((packed & 0x100) !== 0 && c === 0) return (packed >> 4) & 15;
  const kind = (packed & 15) as FlagKind;
  const width = kind === FlagKind.ADD32 || kind === FlagKind.SUB32 || kind === FlagKind.LOGIC32 ? 32 : 64;
  const mask = (1n << BigInt(width)) - 1n;
  const x = a & mask;
  const y = b & mask;
  const signed = (v: bigint): bigint => BigInt.asIntN(width, v);
  switch (kind) {
    case FlagKind.NZCV:
      return Number((a >> 28n) & 15n);
    case FlagKind.LOGIC32:
    case FlagKind.LOGIC64:
      return (signed(x) < 0n ? 8 : 0) | (x === 0n ? 4 : 0);
    case FlagKind.ADD32:
    case FlagKind.ADD64: {
      const r = (x + y) & mask;
      return (signed(r) < 0n ? 8 : 0) | (r === 0n ? 4 : 0) | (x + y > mask ? 2 : 0) | (signed(r) !== signed(x) + signed(y) ? 1 : 0);
    }
    case FlagKind.SUB32:
    case FlagKind.SUB64: {
      const r = (x - y) & mask;
      return (signed(r) < 0n ? 8 : 0) | (r === 0n ? 4 : 0) | (x >= y ? 2 : 0) | (signed(r) !== signed(x) - signed(y) ? 1 : 0);
    }
    case FlagKind.FCMP32:
    case FlagKind.FCMP64: {
      const view = new DataView(new ArrayBuffer(16));
      view.setBigUint64(0, BigInt.asUintN(64, a), true);
      view.setBigUint64(8, BigInt.asUintN(64, b), true);
      const p = kind === FlagKind.FCMP32 ? view.getFloat32(0, true) : view.getFloat64(0, true);
      const q = kind === FlagKind.FCMP32 ? view.getFloat32(8, true) : view.getFloat64(8, true);
      return p === q ? 6 : p < q ? 8 : p > q ? 2 : 3;
    }
  }
}
