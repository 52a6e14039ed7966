import { OP, OP_TABLE } from '../../ir/index.ts';

/**
 * Cold code: blocks that have run a few times only are not worth a Wasm module of their own. Their IR becomes records in
 * linear memory, which one Wasm function goes through (see interpreter.ts):
 *
 *     + 0   u16  what to do: a Step, an IR op's step, or FIRST_CALLED and more: a function of the interpreter's table
 *     + 2   u16  number of the guest instruction in its block
 *     + 4   u32  linear offset of operand a: another record's value, a register in the CPU state, a constant
 *     + 8   u32  operand b
 *     + 12  u32  operand c, or where the value goes of IR ops with fewer operands, or what the step says
 *
 * A record's value stands as far from COLD_VALUES as the record from its block's entry, or in the register that is set to it. Loads
 * and stores add a number (i32) to the address a, which loads have in the place of b, and stores in that of c; but not those that
 * are guarded (operand c is 0: nothing is read or written, and the value is 0). Steps that end blocks, and the one that begins them, take two records'
 * room; the second holds addresses (i64):
 *
 *     entry    + 4 instructions     + 8 runs left     + 16 the block's pc
 *     jump     + 4 next record      + 16 target       (next record 0: not known, the dispatcher is asked)
 *     branch   + 4 condition        + 8 taken, + 12 not taken: next records    + 16 taken, + 24 not taken: pcs
 *     branchIfFlags  as branch, but + 4 has bit n set if it is taken under the flags n, and what compareAndBranch takes from bit 16 on
 *     syscall  + 4 next record      + 16 pc behind it
 *     call     + 4 next record      + 8 record behind the call                 + 16 target, + 24 return address
 *     callIndirect  + 4 target      + 8 record behind the call                 + 24 return address
 *
 * An i32 is kept with 32 bits of zeros above it, so that its zero-extension needs no record; of an i64 the low half is read where it is.
 *
 * Some steps do several records at once (`fuse…`): they stand in the first of them in place of its own step, and all else of these
 * records is as it would be without; where they cannot do all, they do the first.
 */
export const RECORD = 16;

/** Steps besides those of IR ops. */
export const Step = {
  entry: 0,
  /** The entry of a block that is one no longer: its pc goes to the dispatcher. */
  retired: 1,
  jump: 2,
  branch: 3,
  syscall: 4,
  /** Goes to the address a. */
  indirect: 5,
  callIndirect: 6,
  /** Goes to the address a, where a caller is that was cold, too, or else whoever called cold code. */
  return: 38,
  /** `set64` and `call`: its code goes on in that of `call`. */
  setAndCall: 24,
  call: 25,
  /** b, c: code and argument. */
  trap: 7,
  copy32: 8,
  copy64: 9,
  copy128: 10,
  /** Copies a to c. */
  set32: 11,
  set64: 12,
  set128: 13,
  /** a, b: operands; c: packed kind. */
  setFlags: 14,
  /** c: bit n is the result for flags n. */
  flagTest: 15,
  getNzcv: 16,
  /** a: address; c: bytes less one. */
  checkAligned: 17,
  /** a: condition; b, c: code and argument. */
  trapIf: 18,
  /** c: InputKind. */
  input: 19,
  /** Function c of the table computes the value. */
  helper: 20,
  /** a: condition; b: value where it is 0; c: function of the table. Its arguments' offsets follow in the next records. */
  coldHelper32: 21,
  coldHelper64: 22,
  coldHelper128: 23,
  /** Makes room in the trace ring for a record; c: the block's number, which goes there. */
  ringReserve: 26,
  /** Puts the step into the record at offset c. */
  ringStep: 27,
  /** Puts a into the record at offset c; as many bits as the name says. */
  ringStore8: 28,
  ringStore16: 29,
  ringStore32: 30,
  ringStore64: 31,
  ringStore128: 32,
  /** a: condition, or 0: always; c: bytes of the record, which is complete. */
  ringCommit: 33,
  /** Counts b instructions of block c. */
  count: 34,
  /** b: linear offset of the byte that is set. */
  mark: 35,
  /** a: condition, or 0: always; c: number for MachineHooks.callback. */
  callback: 36,
  branchIfFlags: 37,
  /** As `branch`, taken where the i32 a is 0, or the i64 a is not, or is. */
  branchUnless: 39,
  branch64: 40,
  branchUnless64: 41,
  /**
   * `setFlags` of a subtraction or of a logical result, and `branchIfFlags`, whose word + 4 has bit 16 + n set if it is taken for n =
   * (a < b, signed) + 2 (a < b, unsigned) + 4 (a = b).
   */
  compareAndBranch32: 42,
  compareAndBranch64: 43,
  /** Two `i64_load`s of words that stand side by side. */
  loadPair: 44,
  /** The same, and a `set64` of what the first has loaded, which nothing else wants. */
  loadPairAndSet: 45,
  /** Two `i64_store`s of words that stand side by side. */
  storePair: 46,
  /** Two `set64`s. */
  setPair: 47,
  /** a: address; b: linear offset of the first mark; c: mask, and bytes of the access, as imm2 of the op `mark`. */
  markAccess: 48,
  /** The same, of marks that tell bytes. */
  markBytes: 49,
} as const;

const STEPS = Object.keys(Step).length;

/** IR ops that the interpreter does in line: those that most code is made of. The others are functions of its table. */
const INLINE = [
  'i32_add',
  'i32_sub',
  'i32_and',
  'i32_or',
  'i32_xor',
  'i32_shl',
  'i32_shr_u',
  'i32_eq',
  'i32_ne',
  'i32_eqz',
  'i64_add',
  'i64_sub',
  'i64_mul',
  'i64_and',
  'i64_or',
  'i64_xor',
  'i64_shl',
  'i64_shr_s',
  'i64_shr_u',
  'i64_rotl',
  'i64_eq',
  'i64_ne',
  'i64_lt_s',
  'i64_lt_u',
  'i64_ge_u',
  'i64_eqz',
  'i32_wrap_i64',
  'i64_extend_i32_s',
  'i64_extend_i32_u',
  'i64_extend32_s',
  'i64_select',
  'i32_select',
] as const;

/** Number of the step of each IR op, by op number; loads, stores and those above are done in line. */
export const STEP_OF: Readonly<Uint16Array> = new Uint16Array(OP_TABLE.length);
/** The same of loads and stores that are guarded. */
export const GUARDED_STEP_OF: Readonly<Uint16Array> = new Uint16Array(OP_TABLE.length);
const ACCESSES = OP_TABLE.flatMap((info, op) => (info.kind === 'load' || info.kind === 'store' ? [op] : []));
/** IR ops done in line, in the order of their steps from STEPS on; behind them come the guarded accesses. */
export const INLINE_OPS: readonly number[] = [...INLINE.map((name) => OP[name]), ...ACCESSES];
export const GUARDED_OPS: readonly number[] = ACCESSES;
/** Whether an IR op's record says where its value goes, by op number. */
export const HAS_DESTINATION: Readonly<Uint8Array> = Uint8Array.from(OP_TABLE, ({ kind, args }) =>
  Number(kind === 'load' || (kind === 'pure' && args.length <= 2)),
);
/** IR ops done by functions, in their order in the interpreter's table. */
export const CALLED_OPS: readonly number[] = OP_TABLE.flatMap(({ name, kind }, op) =>
  (kind === 'pure' || kind === 'lane' || name === 'i8x16_shuffle' || name === 'fusedMadd') && !INLINE_OPS.includes(op) ? [op] : [],
);
/** The first step that is a function of the table: number 0 of it. */
export const FIRST_CALLED = STEPS + INLINE_OPS.length + GUARDED_OPS.length;
/** The first IR op's step. */
export const FIRST_INLINE = STEPS;
const steps = STEP_OF as Uint16Array;
INLINE_OPS.forEach((op, i) => {
  steps[op] = FIRST_INLINE + i;
});
const guardedSteps = GUARDED_STEP_OF as Uint16Array;
GUARDED_OPS.forEach((op, i) => {
  guardedSteps[op] = FIRST_INLINE + INLINE_OPS.length + i;
});
CALLED_OPS.forEach((op, i) => {
  steps[op] = FIRST_CALLED + i;
});
/** `fusedMadd` of doubles; that of singles has the op's own step. */
export const FUSED_MADD_64 = FIRST_CALLED + CALLED_OPS.length;
/** Functions of the table that are not helpers'. */
export const FIXED_FUNCTIONS = CALLED_OPS.length + 1;

const TERMINATORS: ReadonlySet<number> = new Set([
  Step.retired,
  Step.jump,
  Step.branch,
  Step.branchIfFlags,
  Step.branchUnless,
  Step.branch64,
  Step.branchUnless64,
  Step.syscall,
  Step.indirect,
  Step.callIndirect,
  Step.return,
  Step.call,
  Step.trap,
]);

/** Whether a record with this step ends its block. */
export const isTerminator = (step: number): boolean => TERMINATORS.has(step);

/** How many records one takes, given its first word: a helper's arguments stand in those behind it. */
export const recordsOf = (word: number): number => {
  const step = word & 0xffff;
  return step >= Step.helper && step <= Step.coldHelper128 ? word >>> 16 : 1;
};

const A = 1 << 1;
const B = 1 << 2;
const ABC = A | B | (1 << 3);

/** Which operands of the steps besides those of IR ops are linear offsets, see `coldOffsetsOf`. */
const OFFSETS_OF_STEP: ReadonlyMap<number, number> = new Map([
  [Step.retired, 0],
  [Step.jump, 0],
  [Step.branch, A],
  [Step.branchIfFlags, 0],
  [Step.branchUnless, A],
  [Step.branch64, A],
  [Step.branchUnless64, A],
  [Step.compareAndBranch32, A | B],
  [Step.compareAndBranch64, A | B],
  [Step.loadPair, A],
  [Step.loadPairAndSet, A],
  [Step.storePair, A | B],
  [Step.syscall, 0],
  [Step.indirect, A],
  [Step.callIndirect, A],
  [Step.return, A],
  [Step.call, 0],
  [Step.trap, 0],
  [Step.setFlags, A | B],
  [Step.flagTest, 0],
  [Step.checkAligned, A],
  [Step.trapIf, A],
  [Step.input, 0],
  [Step.mark, 0],
  [Step.markAccess, A],
  [Step.markBytes, A],
  [Step.callback, A],
  [Step.helper, 0],
  [Step.coldHelper32, A | B],
  [Step.coldHelper64, A | B],
  [Step.coldHelper128, A | B],
  [Step.ringReserve, 0],
  [Step.ringStep, 0],
  [Step.ringStore8, A],
  [Step.ringStore16, A],
  [Step.ringStore32, A],
  [Step.ringStore64, A],
  [Step.ringStore128, A],
  [Step.ringCommit, A],
  [Step.count, 0],
  ...ACCESSES.map((op) => [steps[op], (OP_TABLE[op] as (typeof OP_TABLE)[number]).kind === 'load' ? A : A | B] as const),
]);

/**
 * Bits 1 to 3: whether operands a, b and c of a step may be linear offsets of values. Of others than these, those below
 * COLD_CODE are none (the offset of a lane, a register in the CPU state).
 */
export const coldOffsetsOf = (step: number): number => OFFSETS_OF_STEP.get(step) ?? ABC;
