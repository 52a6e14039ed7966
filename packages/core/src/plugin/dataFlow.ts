import { type Block, type IrBuffer, OP, OP_TABLE, type OpInfo, type Terminator } from '../ir/index.ts';
import type { DataFlow } from './api.ts';
import type { RowRegister } from './pass.ts';

/** Added to the numbers of bytes that an instruction loads, see DataFlow. */
export const LOADED_BYTE = 0x1_0000;
/** Numbers of bytes of one register, or of one load. */
export const BYTES_EACH = 16;

/** What each byte of a value is made of; a byte that is made of nothing has no entry or an empty one. */
type Bytes = readonly (readonly number[])[];

const NOTHING: readonly number[] = [];

/** Names of the registers that an instruction has to do with. */
export interface FlowNames {
  readonly registerOf: (index: number) => RowRegister | undefined;
  readonly flags: RowRegister | undefined;
}

/**
 * Which bytes an instruction's results are made of, as its IR tells: copies, masks, shifts by constants, extensions and
 * lanes byte by byte; sums have carries, which go up; of all else, each byte of the result depends on all bytes that go in.
 * @param start the instruction's `insn` op
 * @param end behind its last op
 * @param terminator of its block where it is the last one
 */
export function readDataFlow(from: IrBuffer, start: number, end: number, terminator: Terminator | undefined, names: FlowNames): readonly DataFlow[] {
  return new FlowReader(from, names).read(start, end, terminator);
}

/** The value that decides where a block goes. */
function deciding(terminator: Terminator | undefined): number | undefined {
  switch (terminator?.kind) {
    case 'branch':
      return terminator.condition;
    case 'callIndirect':
    case 'jumpIndirect':
    case 'return':
      return terminator.target;
    default:
      return undefined;
  }
}

class FlowReader {
  private readonly values = new Map<number, Bytes>();
  /** What registers have been set to by the instruction itself, by number. */
  private readonly set = new Map<number, Bytes>();
  private readonly flows: DataFlow[] = [];

  constructor(
    private readonly from: IrBuffer,
    private readonly names: FlowNames,
  ) {}

  read(start: number, end: number, terminator: Terminator | undefined): readonly DataFlow[] {
    const { from, names } = this;
    let access = 0;
    for (let op = start + 1; op < end; op++) {
      const number = from.op[op];
      const info = OP_TABLE[number];
      if (info.kind === 'load' || info.kind === 'store') this.access(op, info, access++);
      else if (number === OP.setReg) this.setRegister(names.registerOf(from.imm[op]), this.of(from.a[op]));
      else if (number === OP.setFlags) this.setRegister(names.flags, [join([...this.of(from.a[op]), ...this.of(from.b[op]), ...this.condition(from.c[op])])]);
      else this.values.set(op, this.result(op, info));
    }
    for (const [index, bytes] of this.set) this.flows.push({ to: 'register', index, from: bytes });
    const target = deciding(terminator);
    if (target !== undefined) this.flows.push({ to: 'branch', index: 0, from: [join(this.of(target))] });
    return this.flows;
  }

  private access(op: number, { kind, bytes, name, result }: OpInfo, access: number): void {
    const { from, flows } = this;
    flows.push({ to: 'address', index: access, from: [join(this.of(from.a[op]))] });
    if (kind === 'store') {
      const datum = this.of(from.b[op]);
      flows.push({ to: 'store', index: access, from: Array.from({ length: bytes }, (_, i) => datum[i] ?? NOTHING) });
      return;
    }
    const loaded = Array.from({ length: bytes }, (_, i) => [LOADED_BYTE + access * BYTES_EACH + i]);
    this.values.set(op, name.endsWith('_s') ? extend(loaded, bytes, result === 'i64' ? 8 : 4) : loaded);
  }

  private setRegister(register: RowRegister | undefined, bytes: Bytes): void {
    if (register !== undefined) this.set.set(register.number, bytes);
  }

  private condition(value: number): Bytes {
    return value < 0 ? [] : this.of(value);
  }

  private register(register: RowRegister | undefined, bytes: number): Bytes {
    if (register === undefined) return [];
    return this.set.get(register.number) ?? Array.from({ length: bytes }, (_, i) => [register.number * BYTES_EACH + i]);
  }

  /** A value, which may have been made before the instruction. */
  private of(value: number): Bytes {
    if (value < 0) return [];
    let known = this.values.get(value);
    if (known === undefined) {
      known = this.result(value, OP_TABLE[this.from.op[value]]);
      this.values.set(value, known);
    }
    return known;
  }

  private result(op: number, info: OpInfo): Bytes {
    const { from, names } = this;
    switch (from.op[op]) {
      case OP.getReg:
        return this.register(names.registerOf(from.imm[op]), widthOf(from.typeOf(op)));
      case OP.flagTest:
      case OP.getNzcv:
        return this.register(names.flags, 1);
      case OP.i8x16_shuffle: {
        const both = [...padded(this.of(from.a[op]), 16), ...padded(this.of(from.b[op]), 16)];
        return Array.from(from.constants[from.imm[op]], (lane) => both[lane]);
      }
      case OP.helper:
        return this.mix(op, this.callArguments(op));
      case OP.coldHelper:
        return this.mix(op, [this.of(from.b[op]), ...this.callArguments(op)]);
      case OP.fusedMadd:
        return this.lanes(from.imm[op] / 8, [this.of(from.a[op]), this.of(from.b[op]), this.of(from.c[op])]);
      default:
        return info.kind === 'pure' ? this.pure(op, info) : info.kind === 'lane' ? this.lane(op, info) : [];
    }
  }

  private callArguments(op: number): Bytes[] {
    const { helpers, imm, imm2, callArgs } = this.from;
    return helpers[imm[op]].args.map((_, i) => this.of(callArgs[imm2[op] + i]));
  }

  private pure(op: number, { name, args }: OpInfo): Bytes {
    const { from } = this;
    const operands = [from.a[op], from.b[op], from.c[op]].slice(0, args.length);
    const values = operands.map((value) => this.of(value));
    const [type = '', ...words] = name.split('_');
    const what = words.join('_');
    const width = widthOf(from.typeOf(op));
    if (name.endsWith('_select')) return Array.from({ length: width }, (_, i) => join([join(values[0]), values[1][i] ?? NOTHING, values[2][i] ?? NOTHING]));
    if (what.startsWith('reinterpret')) return values[0];
    switch (name) {
      case 'i32_wrap_i64':
        return values[0].slice(0, 4);
      case 'i64_extend_i32_u':
        return values[0];
      case 'i64_extend_i32_s':
      case 'i64_extend32_s':
        return extend(values[0], 4, 8);
      case 'i32_extend8_s':
      case 'i64_extend8_s':
        return extend(values[0], 1, width);
      case 'i32_extend16_s':
      case 'i64_extend16_s':
        return extend(values[0], 2, width);
      case 'i32_and':
      case 'i64_and':
      case 'v128_and':
        return this.masked(operands, values, width);
      case 'i32_or':
      case 'i64_or':
      case 'i32_xor':
      case 'i64_xor':
      case 'v128_or':
      case 'v128_xor':
      case 'v128_andnot':
      case 'v128_not':
      case 'v128_bitselect':
        return this.lanes(1, values);
      case 'i32_add':
      case 'i64_add':
      case 'i32_sub':
      case 'i64_sub':
      case 'i32_mul':
      case 'i64_mul':
        return carried(values, width);
      default:
    }
    if ((type === 'i32' || type === 'i64') && /^(shl|shr_[su]|rot[lr])$/.test(what)) return this.shifted(op, what, width);
    // Of the ops on lanes, those that leave each lane in its place.
    const lane = /^[if](\d+)x\d+$/.exec(type);
    if (lane !== null && width === 16 && !/narrow|ext|swizzle|splat|dot|convert|demote|promote|trunc_sat_f64/.test(what)) {
      return this.lanes(Number(lane[1]) / 8, values);
    }
    if (what === 'splat') return Array.from({ length: 16 }, (_, i) => values[0][i % splatBytes(type)] ?? NOTHING);
    const half = /^ext(?:end)_(low|high)_i(\d+)x/.exec(what);
    if (half !== null) return widened(values[0], Number(half[2]) / 8, half[1] === 'high' ? 8 : 0, what.endsWith('_s'));
    return this.mix(op, values);
  }

  private lane(op: number, { name }: OpInfo): Bytes {
    const { from } = this;
    const bytes = splatBytes(name.split('_')[0] ?? '');
    const at = from.imm[op] * bytes;
    const vector = padded(this.of(from.a[op]), 16);
    if (name.includes('extract')) {
      const lane = vector.slice(at, at + bytes);
      return name.endsWith('_s') ? extend(lane, bytes, 4) : lane;
    }
    const put = this.of(from.b[op]);
    return vector.map((byte, i) => (i >= at && i < at + bytes ? (put[i - at] ?? NOTHING) : byte));
  }

  /** Bytes that a constant mask clears are made of nothing. */
  private masked(operands: readonly number[], values: readonly Bytes[], width: number): Bytes {
    const masks = operands.map((value) => this.constant(value));
    return Array.from({ length: width }, (_, i) => {
      if (masks.some((mask) => mask !== undefined && mask[i] === 0)) return NOTHING;
      return join(values.map((value) => value[i] ?? NOTHING));
    });
  }

  private shifted(op: number, what: string, width: number): Bytes {
    const { from } = this;
    const value = padded(this.of(from.a[op]), width);
    const count = this.constant(from.b[op])?.[0];
    if (count === undefined) return this.mix(op, [value, this.of(from.b[op])]);
    const bits = width * 8;
    const left = what === 'shl' || what === 'rotl';
    const by = (left ? bits - (count % bits) : count) % bits;
    const sign = value[width - 1];
    return Array.from({ length: width }, (_, i) => {
      // Bits i * 8 + by to i * 8 + by + 7 of the value, which go round.
      const first = Math.floor((i * 8 + by) / 8);
      const parts = by % 8 === 0 ? [first] : [first, first + 1];
      return join(
        parts.map((part) => {
          const wraps = part >= width;
          if (what === 'shl') return by !== 0 && !wraps ? NOTHING : value[part % width];
          if (what === 'shr_u') return wraps ? NOTHING : value[part];
          if (what === 'shr_s') return wraps ? sign : value[part];
          return value[part % width];
        }),
      );
    });
  }

  /** A constant's bytes, the least significant first. */
  private constant(value: number): Uint8Array | undefined {
    const { from } = this;
    switch (from.op[value]) {
      case OP.i32_const:
        return new Uint8Array(Int32Array.of(from.imm[value]).buffer);
      case OP.i64_const:
        return new Uint8Array(Int32Array.of(from.imm[value], from.imm2[value]).buffer);
      case OP.v128_const:
        return from.constants[from.imm[value]];
      default:
        return undefined;
    }
  }

  /** Each lane of the result depends on the same lane of the operands. An operand that is no vector goes into all lanes. */
  private lanes(bytes: number, values: readonly Bytes[]): Bytes {
    const length = Math.max(...values.map((value) => value.length), 0);
    return Array.from({ length }, (_, i) => {
      const first = i - (i % bytes);
      return join(values.flatMap((value) => (value.length < length ? value : value.slice(first, first + bytes))));
    });
  }

  /** All depends on all. */
  private mix(op: number, values: readonly Bytes[]): Bytes {
    const all = join(values.flat());
    if (all.length === 0) return [];
    return Array.from({ length: isTruth(OP_TABLE[this.from.op[op]].name) ? 1 : widthOf(this.from.typeOf(op)) }, () => all);
  }
}

/** Results that are 0 or 1, or a small number. */
const isTruth = (name: string): boolean => /^(i32|i64|f32|f64)_(eqz|eq|ne|[lg][te](_[su])?|clz|ctz|popcnt)$|_(any|all)_true$/.test(name);

const widthOf = (type: string): number => (type === 'v128' ? 16 : type === 'i64' || type === 'f64' ? 8 : 4);

const splatBytes = (type: string): number => Number(/^[if](\d+)/.exec(type)?.[1] ?? 8) / 8;

const padded = (value: Bytes, width: number): Bytes => Array.from({ length: width }, (_, i) => value[i] ?? NOTHING);

/** The low `bytes` bytes, and copies of their sign above them. */
const extend = (value: Bytes, bytes: number, width: number): Bytes =>
  Array.from({ length: width }, (_, i) => (i < bytes ? value[i] : value[bytes - 1]) ?? NOTHING);

/** Lanes of `bytes` bytes from `first` on, each made twice as wide. */
const widened = (value: Bytes, bytes: number, first: number, signed: boolean): Bytes =>
  Array.from({ length: 16 }, (_, i) => {
    const at = first + Math.floor(i / (2 * bytes)) * bytes;
    const within = i % (2 * bytes);
    return (within < bytes ? value[at + within] : signed ? value[at + bytes - 1] : NOTHING) ?? NOTHING;
  });

/** Each byte depends on those at and below its place. */
const carried = (values: readonly Bytes[], width: number): Bytes =>
  Array.from({ length: width }, (_, i) => join(values.flatMap((value) => value.slice(0, i + 1))));

function join(sets: readonly (readonly number[])[]): readonly number[] {
  const filled = sets.filter((set) => set.length > 0);
  if (filled.length < 2) return filled[0] ?? NOTHING;
  return [...new Set(filled.flat())];
}

/** Where the ops of each of a block's instructions are, while the block is told. */
export interface ToldBlock {
  readonly from: IrBuffer;
  readonly block: Block;
  readonly starts: readonly number[];
}
