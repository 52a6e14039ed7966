/**
 * The IR's op table. Numeric ops have the names (with `_` for `.`) and the exact semantics of the WebAssembly
 * instructions; shift counts wrap at the operand's width, as there. Everything that touches the guest (registers,
 * memory, flags, time) is an op of its own, below, so that tracing, plugins and taint are passes over the IR.
 *
 * A family: ops with the same argument and result types. `lane` ops take a lane number as immediate.
 */
export type Ty = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

export const FAMILIES = [
  {
    args: ['i32', 'i32'],
    result: 'i32',
    names: [
      'i32_add',
      'i32_sub',
      'i32_mul',
      'i32_and',
      'i32_or',
      'i32_xor',
      'i32_shl',
      'i32_shr_s',
      'i32_shr_u',
      'i32_rotl',
      'i32_rotr',
      'i32_eq',
      'i32_ne',
      'i32_lt_s',
      'i32_lt_u',
      'i32_gt_s',
      'i32_gt_u',
      'i32_le_s',
      'i32_le_u',
      'i32_ge_s',
      'i32_ge_u',
    ],
  },
  /** These trap in Wasm on division by zero and, signed, on overflow: translators see to it that neither happens. */
  { args: ['i32', 'i32'], result: 'i32', names: ['i32_div_s', 'i32_div_u'] },
  { args: ['i32'], result: 'i32', names: ['i32_eqz', 'i32_clz', 'i32_ctz', 'i32_popcnt', 'i32_extend8_s', 'i32_extend16_s'] },
  {
    args: ['i64', 'i64'],
    result: 'i64',
    names: ['i64_add', 'i64_sub', 'i64_mul', 'i64_and', 'i64_or', 'i64_xor', 'i64_shl', 'i64_shr_s', 'i64_shr_u', 'i64_rotl', 'i64_rotr'],
  },
  /** As i32_div_s and i32_div_u. */
  { args: ['i64', 'i64'], result: 'i64', names: ['i64_div_s', 'i64_div_u'] },
  {
    args: ['i64', 'i64'],
    result: 'i32',
    names: ['i64_eq', 'i64_ne', 'i64_lt_s', 'i64_lt_u', 'i64_gt_s', 'i64_gt_u', 'i64_le_s', 'i64_le_u', 'i64_ge_s', 'i64_ge_u'],
  },
  { args: ['i64'], result: 'i64', names: ['i64_clz', 'i64_ctz', 'i64_popcnt', 'i64_extend8_s', 'i64_extend16_s', 'i64_extend32_s'] },
  { args: ['i64'], result: 'i32', names: ['i64_eqz', 'i32_wrap_i64'] },
  { args: ['i32'], result: 'i64', names: ['i64_extend_i32_s', 'i64_extend_i32_u'] },
  { args: ['f32', 'f32'], result: 'f32', names: ['f32_add', 'f32_sub', 'f32_mul', 'f32_div', 'f32_min', 'f32_max', 'f32_copysign'] },
  { args: ['f64', 'f64'], result: 'f64', names: ['f64_add', 'f64_sub', 'f64_mul', 'f64_div', 'f64_min', 'f64_max', 'f64_copysign'] },
  { args: ['f32'], result: 'f32', names: ['f32_abs', 'f32_neg', 'f32_ceil', 'f32_floor', 'f32_trunc', 'f32_nearest', 'f32_sqrt'] },
  { args: ['f64'], result: 'f64', names: ['f64_abs', 'f64_neg', 'f64_ceil', 'f64_floor', 'f64_trunc', 'f64_nearest', 'f64_sqrt'] },
  { args: ['f32', 'f32'], result: 'i32', names: ['f32_eq', 'f32_ne', 'f32_lt', 'f32_gt', 'f32_le', 'f32_ge'] },
  { args: ['f64', 'f64'], result: 'i32', names: ['f64_eq', 'f64_ne', 'f64_lt', 'f64_gt', 'f64_le', 'f64_ge'] },
  { args: ['f32'], result: 'i32', names: ['i32_trunc_sat_f32_s', 'i32_trunc_sat_f32_u', 'i32_reinterpret_f32'] },
  { args: ['f64'], result: 'i32', names: ['i32_trunc_sat_f64_s', 'i32_trunc_sat_f64_u'] },
  { args: ['f32'], result: 'i64', names: ['i64_trunc_sat_f32_s', 'i64_trunc_sat_f32_u'] },
  { args: ['f64'], result: 'i64', names: ['i64_trunc_sat_f64_s', 'i64_trunc_sat_f64_u', 'i64_reinterpret_f64'] },
  { args: ['i32'], result: 'f32', names: ['f32_convert_i32_s', 'f32_convert_i32_u', 'f32_reinterpret_i32'] },
  { args: ['i64'], result: 'f32', names: ['f32_convert_i64_s', 'f32_convert_i64_u'] },
  { args: ['i32'], result: 'f64', names: ['f64_convert_i32_s', 'f64_convert_i32_u'] },
  { args: ['i64'], result: 'f64', names: ['f64_convert_i64_s', 'f64_convert_i64_u', 'f64_reinterpret_i64'] },
  { args: ['f64'], result: 'f32', names: ['f32_demote_f64'] },
  { args: ['f32'], result: 'f64', names: ['f64_promote_f32'] },
  {
    args: ['v128', 'v128'],
    result: 'v128',
    names: [
      'v128_and',
      'v128_andnot',
      'v128_or',
      'v128_xor',
      'i8x16_swizzle',
      'i8x16_eq',
      'i8x16_ne',
      'i8x16_lt_s',
      'i8x16_lt_u',
      'i8x16_gt_s',
      'i8x16_gt_u',
      'i8x16_le_s',
      'i8x16_le_u',
      'i8x16_ge_s',
      'i8x16_ge_u',
      'i16x8_eq',
      'i16x8_ne',
      'i16x8_lt_s',
      'i16x8_lt_u',
      'i16x8_gt_s',
      'i16x8_gt_u',
      'i16x8_le_s',
      'i16x8_le_u',
      'i16x8_ge_s',
      'i16x8_ge_u',
      'i32x4_eq',
      'i32x4_ne',
      'i32x4_lt_s',
      'i32x4_lt_u',
      'i32x4_gt_s',
      'i32x4_gt_u',
      'i32x4_le_s',
      'i32x4_le_u',
      'i32x4_ge_s',
      'i32x4_ge_u',
      'i64x2_eq',
      'i64x2_ne',
      'i64x2_lt_s',
      'i64x2_gt_s',
      'i64x2_le_s',
      'i64x2_ge_s',
      'f32x4_eq',
      'f32x4_ne',
      'f32x4_lt',
      'f32x4_gt',
      'f32x4_le',
      'f32x4_ge',
      'f64x2_eq',
      'f64x2_ne',
      'f64x2_lt',
      'f64x2_gt',
      'f64x2_le',
      'f64x2_ge',
      'i8x16_narrow_i16x8_s',
      'i8x16_narrow_i16x8_u',
      'i16x8_narrow_i32x4_s',
      'i16x8_narrow_i32x4_u',
      'i8x16_add',
      'i8x16_add_sat_s',
      'i8x16_add_sat_u',
      'i8x16_sub',
      'i8x16_sub_sat_s',
      'i8x16_sub_sat_u',
      'i8x16_min_s',
      'i8x16_min_u',
      'i8x16_max_s',
      'i8x16_max_u',
      'i8x16_avgr_u',
      'i16x8_add',
      'i16x8_add_sat_s',
      'i16x8_add_sat_u',
      'i16x8_sub',
      'i16x8_sub_sat_s',
      'i16x8_sub_sat_u',
      'i16x8_mul',
      'i16x8_min_s',
      'i16x8_min_u',
      'i16x8_max_s',
      'i16x8_max_u',
      'i16x8_avgr_u',
      'i16x8_q15mulr_sat_s',
      'i16x8_extmul_low_i8x16_s',
      'i16x8_extmul_high_i8x16_s',
      'i16x8_extmul_low_i8x16_u',
      'i16x8_extmul_high_i8x16_u',
      'i32x4_add',
      'i32x4_sub',
      'i32x4_mul',
      'i32x4_min_s',
      'i32x4_min_u',
      'i32x4_max_s',
      'i32x4_max_u',
      'i32x4_dot_i16x8_s',
      'i32x4_extmul_low_i16x8_s',
      'i32x4_extmul_high_i16x8_s',
      'i32x4_extmul_low_i16x8_u',
      'i32x4_extmul_high_i16x8_u',
      'i64x2_add',
      'i64x2_sub',
      'i64x2_mul',
      'i64x2_extmul_low_i32x4_s',
      'i64x2_extmul_high_i32x4_s',
      'i64x2_extmul_low_i32x4_u',
      'i64x2_extmul_high_i32x4_u',
      'f32x4_add',
      'f32x4_sub',
      'f32x4_mul',
      'f32x4_div',
      'f32x4_min',
      'f32x4_max',
      'f32x4_pmin',
      'f32x4_pmax',
      'f64x2_add',
      'f64x2_sub',
      'f64x2_mul',
      'f64x2_div',
      'f64x2_min',
      'f64x2_max',
      'f64x2_pmin',
      'f64x2_pmax',
    ],
  },
  /** i8x16_swizzle where each index is below 16 or above 127: hosts have it in fewer instructions, and agree on those indices. */
  { args: ['v128', 'v128'], result: 'v128', names: ['i8x16_relaxed_swizzle'] },
  {
    args: ['v128'],
    result: 'v128',
    names: [
      'v128_not',
      'i8x16_abs',
      'i8x16_neg',
      'i8x16_popcnt',
      'i16x8_abs',
      'i16x8_neg',
      'i32x4_abs',
      'i32x4_neg',
      'i64x2_abs',
      'i64x2_neg',
      'i16x8_extend_low_i8x16_s',
      'i16x8_extend_high_i8x16_s',
      'i16x8_extend_low_i8x16_u',
      'i16x8_extend_high_i8x16_u',
      'i32x4_extend_low_i16x8_s',
      'i32x4_extend_high_i16x8_s',
      'i32x4_extend_low_i16x8_u',
      'i32x4_extend_high_i16x8_u',
      'i64x2_extend_low_i32x4_s',
      'i64x2_extend_high_i32x4_s',
      'i64x2_extend_low_i32x4_u',
      'i64x2_extend_high_i32x4_u',
      'i16x8_extadd_pairwise_i8x16_s',
      'i16x8_extadd_pairwise_i8x16_u',
      'i32x4_extadd_pairwise_i16x8_s',
      'i32x4_extadd_pairwise_i16x8_u',
      'f32x4_abs',
      'f32x4_neg',
      'f32x4_sqrt',
      'f32x4_ceil',
      'f32x4_floor',
      'f32x4_trunc',
      'f32x4_nearest',
      'f64x2_abs',
      'f64x2_neg',
      'f64x2_sqrt',
      'f64x2_ceil',
      'f64x2_floor',
      'f64x2_trunc',
      'f64x2_nearest',
      'i32x4_trunc_sat_f32x4_s',
      'i32x4_trunc_sat_f32x4_u',
      'f32x4_convert_i32x4_s',
      'f32x4_convert_i32x4_u',
      'i32x4_trunc_sat_f64x2_s_zero',
      'i32x4_trunc_sat_f64x2_u_zero',
      'f64x2_convert_low_i32x4_s',
      'f64x2_convert_low_i32x4_u',
      'f32x4_demote_f64x2_zero',
      'f64x2_promote_low_f32x4',
    ],
  },
  {
    args: ['v128', 'i32'],
    result: 'v128',
    names: [
      'i8x16_shl',
      'i8x16_shr_s',
      'i8x16_shr_u',
      'i16x8_shl',
      'i16x8_shr_s',
      'i16x8_shr_u',
      'i32x4_shl',
      'i32x4_shr_s',
      'i32x4_shr_u',
      'i64x2_shl',
      'i64x2_shr_s',
      'i64x2_shr_u',
    ],
  },
  {
    args: ['v128'],
    result: 'i32',
    names: [
      'v128_any_true',
      'i8x16_all_true',
      'i16x8_all_true',
      'i32x4_all_true',
      'i64x2_all_true',
      'i8x16_bitmask',
      'i16x8_bitmask',
      'i32x4_bitmask',
      'i64x2_bitmask',
    ],
  },
  /** v128_bitselect(ifOne, ifZero, mask) */
  { args: ['v128', 'v128', 'v128'], result: 'v128', names: ['v128_bitselect'] },
  { args: ['i32'], result: 'v128', names: ['i8x16_splat', 'i16x8_splat', 'i32x4_splat'] },
  { args: ['i64'], result: 'v128', names: ['i64x2_splat'] },
  { args: ['f32'], result: 'v128', names: ['f32x4_splat'] },
  { args: ['f64'], result: 'v128', names: ['f64x2_splat'] },
  /** T_select(condition, ifNonZero, ifZero): both are evaluated. */
  { args: ['i32', 'i32', 'i32'], result: 'i32', names: ['i32_select'] },
  { args: ['i32', 'i64', 'i64'], result: 'i64', names: ['i64_select'] },
  { args: ['i32', 'f32', 'f32'], result: 'f32', names: ['f32_select'] },
  { args: ['i32', 'f64', 'f64'], result: 'f64', names: ['f64_select'] },
  { args: ['i32', 'v128', 'v128'], result: 'v128', names: ['v128_select'] },
] as const;

export const LANE_FAMILIES = [
  {
    args: ['v128'],
    result: 'i32',
    names: ['i8x16_extract_lane_s', 'i8x16_extract_lane_u', 'i16x8_extract_lane_s', 'i16x8_extract_lane_u', 'i32x4_extract_lane'],
  },
  { args: ['v128'], result: 'i64', names: ['i64x2_extract_lane'] },
  { args: ['v128'], result: 'f32', names: ['f32x4_extract_lane'] },
  { args: ['v128'], result: 'f64', names: ['f64x2_extract_lane'] },
  { args: ['v128', 'i32'], result: 'v128', names: ['i8x16_replace_lane', 'i16x8_replace_lane', 'i32x4_replace_lane'] },
  { args: ['v128', 'i64'], result: 'v128', names: ['i64x2_replace_lane'] },
  { args: ['v128', 'f32'], result: 'v128', names: ['f32x4_replace_lane'] },
  { args: ['v128', 'f64'], result: 'v128', names: ['f64x2_replace_lane'] },
] as const;

/** Guest loads: (address: i64, condition?: i32) -> result. May fault. `bytes` is the width in guest memory. With a condition, where it is 0 nothing is read and the result is 0. */
export const LOADS = {
  i32_load8_u: { result: 'i32', bytes: 1 },
  i32_load8_s: { result: 'i32', bytes: 1 },
  i32_load16_u: { result: 'i32', bytes: 2 },
  i32_load16_s: { result: 'i32', bytes: 2 },
  i32_load: { result: 'i32', bytes: 4 },
  i64_load8_u: { result: 'i64', bytes: 1 },
  i64_load8_s: { result: 'i64', bytes: 1 },
  i64_load16_u: { result: 'i64', bytes: 2 },
  i64_load16_s: { result: 'i64', bytes: 2 },
  i64_load32_u: { result: 'i64', bytes: 4 },
  i64_load32_s: { result: 'i64', bytes: 4 },
  i64_load: { result: 'i64', bytes: 8 },
  f32_load: { result: 'f32', bytes: 4 },
  f64_load: { result: 'f64', bytes: 8 },
  v128_load: { result: 'v128', bytes: 16 },
} as const;

/** Guest stores: (address: i64, value, condition?: i32). May fault. With a condition, nothing happens where it is 0. */
export const STORES = {
  i32_store8: { value: 'i32', bytes: 1 },
  i32_store16: { value: 'i32', bytes: 2 },
  i32_store: { value: 'i32', bytes: 4 },
  i64_store8: { value: 'i64', bytes: 1 },
  i64_store16: { value: 'i64', bytes: 2 },
  i64_store32: { value: 'i64', bytes: 4 },
  i64_store: { value: 'i64', bytes: 8 },
  f32_store: { value: 'f32', bytes: 4 },
  f64_store: { value: 'f64', bytes: 8 },
  v128_store: { value: 'v128', bytes: 16 },
} as const;

/**
 * The ops that are neither numeric nor guest memory accesses.
 *
 * | op | operands | meaning |
 * |---|---|---|
 * | i32_const f32_const | imm = bits | |
 * | i64_const f64_const | imm, imm2 = low and high half of the bits | |
 * | v128_const i8x16_shuffle | imm = index into the buffer's 16-byte constants; shuffle takes a, b | |
 * | getReg | imm = register index | the register's value at this point |
 * | setReg | a = value, imm = register index | |
 * | setFlags | a, b = i64 operands, c = condition or none, imm = FlagKind, imm2 = NZCV where the condition fails | see flags.ts |
 * | flagTest | imm = condition 0..13, the Arm encoding of `cond` | i32 0 or 1 |
 * | getNzcv | | i32: N Z C V in bits 31..28, the rest 0 |
 * | fusedMadd | a, b, c = v128, imm = 32 or 64 | lanes a * b + c rounded once; only where the builder's `fusesMadd` says that the host can |
 * | helper | imm = helper index, arguments in the buffer's argument list from imm2 | the helper's result |
 * | coldHelper | a = condition, b = value, c = none or an implied condition, imm and imm2 as helper | condition ? helper(…) : value, the condition being unlikely; c is not 0 wherever a is not |
 * | arg | imm = argument number | an argument of the helper whose body this buffer is |
 * | checkAligned | a = address (i64), imm = bytes, a power of two | the instruction faults (SIGBUS) unless the address is a multiple of `bytes` |
 * | trapIf | a = condition (i32), imm = code, imm2 = argument | where it is not 0 the instruction does not complete: as a trap terminator |
 * | input | imm = InputKind | i64 that comes from outside the guest: a counter, a random number |
 * | ringReserve | imm = block number, imm2 = bytes of the record | trace: makes room in the ring for the block's record and writes its number (u32 at offset 0) |
 * | ringStep | imm = offset in the record | trace: stores how many instructions had completed before the block (the low 32 bits) |
 * | ringStore | a = value, imm = offset in the record, imm2 = bytes (1, 2, 4, 8, 16; low bytes of the value) | trace: stores into the record |
 * | ringCommit | a = condition (i32) or none, imm = bytes of the record | trace: the record is complete; where the condition is 0 it is taken back |
 * | count | imm = block number, imm2 = instructions | trace: adds to the machine's count of wanted instructions |
 * | counterGet | imm = linear offset, a multiple of 8 | plugins: the 64-bit counter there |
 * | counterSet | a = value (i64), imm = linear offset, a multiple of 8 | plugins: gives the counter there its value |
 * | mark | a = address (i64) or none, imm = linear offset, imm2 = mask and bytes of the access, see marks.ts | replay: sets the byte at imm, or those at imm + the marks of the access, to 1, or adds bits that tell bytes. Of others, cold code calls MachineHooks.watched before, where a byte has WATCHED, and leaves that set |
 * | callback | a = condition (i32) or none, imm = number, imm2 = 1 if the instruction may be left | plugins: where the condition is not 0, or there is none, calls MachineHooks.callback with all registers in the CPU state. Where that answers 1 and may, the region is left before the instruction |
 * | insn | imm = index in the block, imm2 = the instruction's bytes | a guest instruction starts here |
 */
export const SPECIALS = [
  'i32_const',
  'i64_const',
  'f32_const',
  'f64_const',
  'v128_const',
  'i8x16_shuffle',
  'getReg',
  'setReg',
  'setFlags',
  'flagTest',
  'getNzcv',
  'fusedMadd',
  'helper',
  'coldHelper',
  'arg',
  'checkAligned',
  'trapIf',
  'input',
  'ringReserve',
  'ringStep',
  'ringStore',
  'ringCommit',
  'count',
  'counterGet',
  'counterSet',
  'mark',
  'callback',
  'insn',
] as const;

/** What an `input` op reads. */
export const InputKind = { counter: 0, random: 1 } as const;
export type InputKind = (typeof InputKind)[keyof typeof InputKind];

type Family = (typeof FAMILIES)[number];
type LaneFamily = (typeof LANE_FAMILIES)[number];
export type PureOp = Family['names'][number];
export type LaneOp = LaneFamily['names'][number];
export type LoadOp = keyof typeof LOADS;
export type StoreOp = keyof typeof STORES;
export type SpecialOp = (typeof SPECIALS)[number];
export type OpName = PureOp | LaneOp | LoadOp | StoreOp | SpecialOp;

type Holding<F, N> = F extends { names: readonly (infer M)[] } ? (N extends M ? F : never) : never;
/** The family that a numeric op belongs to. */
export type FamilyOf<N extends PureOp> = Holding<Family, N>;
export type LaneFamilyOf<N extends LaneOp> = Holding<LaneFamily, N>;

export type OpKind = 'pure' | 'lane' | 'load' | 'store' | 'special';
export interface OpInfo {
  readonly name: OpName;
  readonly kind: OpKind;
  readonly args: readonly Ty[];
  /** undefined: the op has no result, or (getReg, helper, coldHelper, arg) its type is in the buffer's `type` column. */
  readonly result: Ty | undefined;
  /** Width in guest memory, loads and stores only. */
  readonly bytes: number;
}

function buildTable(): OpInfo[] {
  const table: OpInfo[] = [];
  for (const f of FAMILIES) for (const name of f.names) table.push({ name, kind: 'pure', args: f.args, result: f.result, bytes: 0 });
  for (const f of LANE_FAMILIES) for (const name of f.names) table.push({ name, kind: 'lane', args: f.args, result: f.result, bytes: 0 });
  for (const [name, l] of Object.entries(LOADS)) table.push({ name: name as LoadOp, kind: 'load', args: ['i64'], result: l.result, bytes: l.bytes });
  for (const [name, s] of Object.entries(STORES))
    table.push({ name: name as StoreOp, kind: 'store', args: ['i64', s.value], result: undefined, bytes: s.bytes });
  const results: Partial<Record<SpecialOp, Ty>> = {
    i32_const: 'i32',
    i64_const: 'i64',
    f32_const: 'f32',
    f64_const: 'f64',
    v128_const: 'v128',
    i8x16_shuffle: 'v128',
    flagTest: 'i32',
    getNzcv: 'i32',
    input: 'i64',
    counterGet: 'i64',
    fusedMadd: 'v128',
  };
  for (const name of SPECIALS) table.push({ name, kind: 'special', args: name === 'i8x16_shuffle' ? ['v128', 'v128'] : [], result: results[name], bytes: 0 });
  return table;
}

/** Every op; its index is its number in IR buffers. */
export const OP_TABLE: readonly OpInfo[] = buildTable();

function numbersByName(): Readonly<Record<OpName, number>> {
  // A dictionary from the start: an ordinary object of hundreds of properties takes milliseconds, one shape a property.
  const numbers = Object.create(null) as Record<OpName, number>;
  for (const [number, { name }] of OP_TABLE.entries()) numbers[name] = number;
  return numbers;
}
/** Op numbers by name. The bundle has them as numbers where they are named (scripts/inlineTables.mjs). */
export const OP = numbersByName();
