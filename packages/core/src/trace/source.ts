import { type IrBuffer, NONE, OP, OP_TABLE, type OpName, SIZE_OF, type StateLayout } from '../ir/index.ts';
import { COMPUTE_OPS, type ComputeOp } from './computeOps.ts';

/** Bytes of a value in a block's record. */
export interface Slot {
  /** Offset in the record, whose block number is at 0. Final once the whole block has been planned. */
  offset: number;
  /** 1, 2, 4, 8 or 16 */
  readonly bytes: number;
}

/** Of these, low bytes of the result depend on the same low bytes of the operands only. */
const LOW_BYTES_ONLY: ReadonlySet<ComputeOp> = new Set(['add', 'sub', 'mul', 'and', 'or', 'xor']);

export type Words = readonly [number, number, number, number];

/**
 * Where the reader finds a value. Each kind gives the low bytes; above them come zeros, or, up to byte `extend` where
 * that is greater than `bytes`, copies of the sign.
 */
export type Source =
  /** Known from the code: 32-bit words, the least significant first. */
  | { readonly kind: 'constant'; readonly words: Words }
  /** CPU state at byte `offset` as it was before the instruction, plus a constant (bytes <= 8 then), modulo 2^(8 * bytes). */
  | { readonly kind: 'state'; readonly offset: number; readonly bytes: number; readonly extend: number; readonly addLo: number; readonly addHi: number }
  /** Stored in the block's record. */
  | { readonly kind: 'ring'; readonly slot: Slot; readonly bytes: number; readonly extend: number }
  /** Computed from other values, all of `width` bytes (but a select's condition, which has 4), see compute.ts. */
  | {
      readonly kind: 'computed';
      readonly op: ComputeOp;
      readonly width: 4 | 8;
      readonly args: readonly Source[];
      readonly bytes: number;
      readonly extend: number;
    }
  /** 1 if the Arm condition holds with the flags as they were before the instruction, else 0. */
  | { readonly kind: 'condition'; readonly condition: number };

const byNumber = <T>(entries: Partial<Record<OpName, T>>): ReadonlyMap<number, T> =>
  new Map((Object.keys(entries) as OpName[]).map((name) => [OP[name], entries[name] as T]));

/** Ops whose result is their operand's low bytes, at most so many. */
const SAME_LOW_BYTES = byNumber({ i32_wrap_i64: 4, i32_reinterpret_f32: 4, f32_reinterpret_i32: 4, i64_reinterpret_f64: 8, f64_reinterpret_i64: 8 });
/** Ops that copy the sign of their operand's low bytes upward; the number of those bytes. */
const SIGN_EXTENSIONS = byNumber({ i64_extend_i32_s: 4, i64_extend32_s: 4, i64_extend16_s: 2, i64_extend8_s: 1, i32_extend16_s: 2, i32_extend8_s: 1 });
const SIGNED_LOADS: ReadonlyMap<number, number> = new Map(
  OP_TABLE.flatMap((info, op): [number, number][] => (info.kind === 'load' && info.name.endsWith('_s') ? [[op, info.bytes]] : [])),
);
/** extract_lane ops that put zeros above the lane, and the lane's bytes. */
const EXTRACTS = byNumber({
  i8x16_extract_lane_u: 1,
  i16x8_extract_lane_u: 2,
  i32x4_extract_lane: 4,
  f32x4_extract_lane: 4,
  i64x2_extract_lane: 8,
  f64x2_extract_lane: 8,
});
const REPLACES = byNumber({
  i8x16_replace_lane: 1,
  i16x8_replace_lane: 2,
  i32x4_replace_lane: 4,
  f32x4_replace_lane: 4,
  i64x2_replace_lane: 8,
  f64x2_replace_lane: 8,
});
/** Ops whose result has so many significant bytes at most. */
const SIGNIFICANT = new Map(
  OP_TABLE.flatMap((info, op): [number, number][] => {
    if (info.kind === 'load' && info.name.endsWith('_u')) return [[op, info.bytes]];
    if (info.result === 'v128') return [];
    if (/_(eqz|eq|ne|[lg][te](_[su])?|any_true|all_true|clz|ctz|popcnt)$/.test(info.name) || info.name === 'flagTest') return [[op, 1]];
    if (info.name.endsWith('_bitmask')) return [[op, 2]];
    return [];
  }).concat([...EXTRACTS]),
);

/** The IR ops that are COMPUTE_OPS, with the width of their operands. */
const COMPUTED: ReadonlyMap<number, { readonly op: ComputeOp; readonly width: 4 | 8 }> = new Map(
  COMPUTE_OPS.flatMap((op) => (['i32', 'i64'] as const).map((type) => [OP[`${type}_${op}`], { op, width: type === 'i32' ? 4 : 8 }] as const)),
);

const MAX_DEPTH = 5;
/** A value is stored if the reader would have to compute more than this for it. */
const MAX_COMPUTED = 6;

/** Smallest width that values are stored in which holds `bytes` bytes. */
export const storedWidth = (bytes: number): number => (bytes <= 1 ? 1 : bytes <= 2 ? 2 : bytes <= 4 ? 4 : bytes <= 8 ? 8 : 16);

/**
 * Finds the sources of a block's values. What follows from the code or from the registers before the instruction is
 * not stored, and what has been stored once is not stored again.
 */
export class SourceFinder {
  /** 1 for each register, by index, whose value before the current instruction the reader knows. */
  readonly known: Uint8Array;
  /** True if the reader knows the flags before the current instruction. */
  flagsKnown: boolean;
  /** Value that the current instruction has given to each register so far, or NONE. */
  private readonly assigned: Int32Array;
  private flagsAssigned = false;
  /** First op of the current instruction. */
  private first = 0;
  /** Values of the getReg ops behind a setReg of the same register and instruction. */
  private readonly aliases = new Map<number, number>();
  /** Reads of flags that the instruction itself has set. */
  private readonly lateFlags = new Set<number>();
  private readonly slots = new Map<number, Slot>();
  /** Operations that the source being found takes so far. */
  private computed = 0;

  /**
   * @param store called for each value that has to be stored
   * @param allKnown true where the reader has followed every instruction so far
   */
  constructor(
    private readonly buffer: IrBuffer,
    private readonly state: StateLayout,
    private readonly store: (value: number, slot: Slot) => void,
    allKnown: boolean,
  ) {
    this.known = Uint8Array.from(state.registers, (register) => (allKnown && register.visible ? 1 : 0));
    this.flagsKnown = allKnown;
    this.assigned = new Int32Array(state.registers.length).fill(NONE);
  }

  /** The instruction whose ops start at `first` begins. */
  begin(first: number): void {
    this.first = first;
    this.assigned.fill(NONE);
    this.flagsAssigned = false;
  }

  /** Called for each getReg, in order. @returns true if it reads the value from before the instruction */
  read(value: number): boolean {
    const now = this.assigned[this.buffer.imm[value]];
    if (now === NONE) return true;
    this.aliases.set(value, now);
    return false;
  }

  /** Called for each flagTest and getNzcv, in order. @returns true if it reads the flags from before the instruction */
  readFlags(value: number): boolean {
    if (this.flagsAssigned) this.lateFlags.add(value);
    return !this.flagsAssigned;
  }

  /** Called for each setReg, in order. */
  assign(register: number, value: number): void {
    this.assigned[register] = value;
  }

  /** Called for each setFlags. */
  assignFlags(): void {
    this.flagsAssigned = true;
  }

  /** Source of the low `bytes` bytes of a value, zero above. */
  find(value: number, bytes: number): Source {
    const peeled = this.peel(value, bytes);
    this.computed = 0;
    return this.derive(peeled) ?? { kind: 'ring', slot: this.slotOf(peeled), bytes: peeled.bytes, extend: peeled.extend };
  }

  /** A slot that holds at least the bytes of `peeled`. */
  private slotOf({ value, bytes }: Peeled): Slot {
    const existing = this.slots.get(value);
    if (existing !== undefined && existing.bytes >= bytes) return existing;
    const slot = { offset: 0, bytes: storedWidth(bytes) };
    this.slots.set(value, slot);
    this.store(value, slot);
    return slot;
  }

  private peel(from: number, wanted: number): Peeled {
    const { buffer } = this;
    let value = from;
    let bytes = Math.min(wanted, SIZE_OF[buffer.typeOf(from)]);
    let extend = 0;
    for (;;) {
      const op = buffer.op[value];
      const a = buffer.a[value];
      const sameLow = SAME_LOW_BYTES.get(op);
      const signed = SIGN_EXTENSIONS.get(op);
      const lane = REPLACES.get(op);
      const mask = op === OP.i64_and || op === OP.i32_and ? this.maskBytes(buffer.b[value]) : undefined;
      const alias = op === OP.getReg ? this.aliases.get(value) : undefined;
      if (sameLow !== undefined && bytes <= sameLow) value = a;
      else if (alias !== undefined) value = alias;
      else if (signed !== undefined) {
        if (bytes > signed) {
          extend = Math.max(extend, bytes);
          bytes = signed;
        }
        value = a;
      } else if (op === OP.i64_extend_i32_u || mask !== undefined) {
        const limit = mask ?? 4;
        if (bytes > limit) {
          bytes = limit;
          extend = 0;
        }
        value = a;
      } else if (lane !== undefined && buffer.imm[value] === 0 && this.isZero(a)) {
        bytes = Math.min(bytes, lane);
        value = buffer.b[value];
      } else break;
    }
    const signedLoad = SIGNED_LOADS.get(buffer.op[value]);
    if (signedLoad !== undefined && bytes > signedLoad) {
      extend = Math.max(extend, bytes);
      bytes = signedLoad;
    }
    const significant = this.significantBytes(value, 0);
    if (significant < bytes) {
      bytes = storedWidth(significant);
      extend = 0;
    }
    return { value, bytes, extend };
  }

  /** The source of a value that need not be stored, or has been. */
  private derive(peeled: Peeled): Source | undefined {
    const { buffer } = this;
    const { value, bytes, extend } = peeled;
    const op = buffer.op[value];
    const constant = this.constantWords(value);
    if (constant !== undefined) return { kind: 'constant', words: truncate(constant, bytes, extend) };
    const slot = this.slots.get(value);
    if (slot !== undefined && slot.bytes >= bytes) return { kind: 'ring', slot, bytes, extend };
    if (op === OP.getReg) return this.stateSource(value, 0, bytes, extend);
    if (op === OP.flagTest || op === OP.getNzcv) {
      if (!this.flagsKnown || this.lateFlags.has(value) || value < this.first) return undefined;
      if (op === OP.flagTest) return { kind: 'condition', condition: buffer.imm[value] };
      return { kind: 'state', offset: this.state.flags.a.offset, bytes, extend, addLo: 0, addHi: 0 };
    }
    const lane = EXTRACTS.get(op);
    if (lane !== undefined && buffer.op[buffer.a[value]] === OP.getReg)
      return this.stateSource(buffer.a[value], buffer.imm[value] * lane, Math.min(bytes, lane), extend);
    return this.registerPlusConstant(peeled) ?? this.compute(peeled);
  }

  private registerPlusConstant({ value, bytes, extend }: Peeled): Source | undefined {
    const { buffer } = this;
    const op = buffer.op[value];
    const minus = op === OP.i64_sub || op === OP.i32_sub;
    if (!minus && op !== OP.i64_add && op !== OP.i32_add) return undefined;
    const addend = this.constantWords(buffer.b[value]);
    if (addend === undefined) return undefined;
    const inner = this.peel(buffer.a[value], bytes);
    if (inner.bytes !== bytes || inner.extend !== 0 || !this.isRegisterSum(inner.value)) return undefined;
    const base = this.derive(inner);
    if (base?.kind !== 'state' || base.bytes !== bytes) return undefined;
    const [addLo, addHi] = sum(base.addLo, base.addHi, addend[0], addend[1], minus);
    return { ...base, extend, addLo, addHi };
  }

  private isRegisterSum(value: number): boolean {
    const op = this.buffer.op[value];
    return op === OP.getReg || op === OP.i64_add || op === OP.i64_sub || op === OP.i32_add || op === OP.i32_sub;
  }

  /** The source of a simple operation whose operands have sources. */
  private compute({ value, bytes, extend }: Peeled): Source | undefined {
    const { buffer } = this;
    const computed = COMPUTED.get(buffer.op[value]);
    if (computed === undefined || ++this.computed > MAX_COMPUTED) return undefined;
    const { op } = computed;
    const width = bytes <= 4 && LOW_BYTES_ONLY.has(op) ? 4 : computed.width;
    const operands = [buffer.a[value], buffer.b[value], buffer.c[value]].filter((operand) => operand !== NONE);
    const args: Source[] = [];
    for (const [i, operand] of operands.entries()) {
      const source = this.derive(this.peel(operand, op === 'select' && i === 0 ? 4 : width));
      if (source === undefined) return undefined;
      args.push(source);
    }
    return { kind: 'computed', op, width, args, bytes, extend };
  }

  private stateSource(getReg: number, lane: number, bytes: number, extend: number): Source | undefined {
    const register = this.state.registers[this.buffer.imm[getReg]];
    if (getReg < this.first || this.aliases.has(getReg) || this.known[register.index] === 0) return undefined;
    return { kind: 'state', offset: register.offset + lane, bytes, extend, addLo: 0, addHi: 0 };
  }

  private constantWords(value: number): Words | undefined {
    const { buffer } = this;
    const imm = buffer.imm[value];
    switch (buffer.op[value]) {
      case OP.i32_const:
      case OP.f32_const:
        return [imm, 0, 0, 0];
      case OP.i64_const:
      case OP.f64_const:
        return [imm, buffer.imm2[value], 0, 0];
      case OP.v128_const: {
        const bytes = buffer.constants[imm];
        const word = (at: number): number => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
        return [word(0), word(4), word(8), word(12)];
      }
      default:
        return undefined;
    }
  }

  private isZero(value: number): boolean {
    const words = this.constantWords(value);
    return words?.every((word) => word === 0) === true;
  }

  /** 1, 2 or 4 if the value is a constant with exactly so many low bytes set. */
  private maskBytes(value: number): number | undefined {
    const words = this.constantWords(value);
    if (words === undefined || words[1] !== 0) return undefined;
    return words[0] === 0xff ? 1 : words[0] === 0xffff ? 2 : words[0] === -1 ? 4 : undefined;
  }

  /** Upper bound for the number of low bytes of a value that may be other than zero. */
  private significantBytes(value: number, depth: number): number {
    const { buffer } = this;
    const op = buffer.op[value];
    const size = SIZE_OF[buffer.typeOf(value)];
    const known = SIGNIFICANT.get(op);
    if (known !== undefined) return known;
    if (depth === MAX_DEPTH || size === 16) return size;
    const a = buffer.a[value];
    const b = buffer.b[value];
    const of = (v: number): number => this.significantBytes(v, depth + 1);
    switch (op) {
      case OP.i32_const:
        return wordBytes(buffer.imm[value]);
      case OP.i64_const:
        return buffer.imm2[value] !== 0 ? 4 + wordBytes(buffer.imm2[value]) : wordBytes(buffer.imm[value]);
      case OP.i32_wrap_i64:
        return Math.min(4, of(a));
      case OP.i64_extend_i32_u:
        return of(a);
      case OP.i32_and:
      case OP.i64_and:
        return Math.min(of(a), of(b));
      case OP.i32_or:
      case OP.i64_or:
      case OP.i32_xor:
      case OP.i64_xor:
        return Math.max(of(a), of(b));
      case OP.i32_select:
      case OP.i64_select:
        return Math.max(of(b), of(buffer.c[value]));
      case OP.i32_shr_u:
      case OP.i64_shr_u: {
        const shift = this.constantWords(b);
        return shift === undefined ? of(a) : Math.max(1, of(a) - ((shift[0] & (size * 8 - 1)) >> 3));
      }
      default:
        return size;
    }
  }
}

/** The low `bytes` bytes of `value`, sign-extended to `extend` bytes if that is more. */
interface Peeled {
  readonly value: number;
  readonly bytes: number;
  readonly extend: number;
}

const wordBytes = (word: number): number => Math.max(1, 4 - (Math.clz32(word) >> 3));

/** Sum or difference of two 64-bit numbers as signed halves. */
function sum(aLo: number, aHi: number, bLo: number, bHi: number, minus: boolean): [number, number] {
  const lo = (minus ? aLo - bLo : aLo + bLo) | 0;
  const carry = minus ? -(aLo >>> 0 < bLo >>> 0) : Number(lo >>> 0 < aLo >>> 0);
  return [lo, ((minus ? aHi - bHi : aHi + bHi) + carry) | 0];
}

/** Keeps the low `bytes` bytes and extends their sign to `extend` bytes, if that is more. */
export function truncate(words: Words, bytes: number, extend: number): Words {
  const out: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i * 4 < bytes; i++) out[i] = words[i];
  const signWord = (bytes - 1) >> 2;
  const shift = bytes < 4 ? 32 - bytes * 8 : 0;
  if (shift !== 0) out[0] = extend > bytes ? (words[0] << shift) >> shift : (words[0] << shift) >>> shift;
  if (extend < 4 && extend > bytes) out[0] &= (1 << (extend * 8)) - 1;
  if (extend > bytes) for (let i = signWord + 1; i * 4 < extend; i++) out[i] = out[signWord] >> 31;
  return out.map((word) => word | 0) as unknown as Words;
}
