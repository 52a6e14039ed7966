import type { Guest } from '../../guest/index.ts';
import { IrBuffer, IrBuilder, NONE, OP, OP_TABLE } from '../../ir/index.ts';

/** Stands for N Z C V where a register's index in the state layout is asked for. */
export const FLAGS = -1;

/** What an instruction takes a value from. */
export type FlowSource =
  /** A register, by its index in the state layout, or FLAGS. */
  | { readonly kind: 'register'; readonly register: number }
  /** What one of its accesses loads: they are numbered from 0, loads and stores together. */
  | { readonly kind: 'load'; readonly access: number; readonly bytes: number }
  /** Time or a random number. */
  | { readonly kind: 'input' };

/** A value that an instruction makes, and what it makes it from. Addresses and conditions of choices are no part of it. */
export interface FlowResult {
  readonly target: { readonly kind: 'register'; readonly register: number } | { readonly kind: 'store'; readonly access: number; readonly bytes: number };
  /** Empty: a constant. */
  readonly sources: readonly FlowSource[];
  /** The value is its only source's, as it is, in part, or extended. */
  readonly isCopy: boolean;
}

/** Ops whose result is one operand's value, or a part of it. */
const PASSING: ReadonlySet<string> = new Set([
  ...['i32_wrap_i64', 'i64_extend_i32_s', 'i64_extend_i32_u', 'i32_reinterpret_f32', 'i64_reinterpret_f64', 'f32_reinterpret_i32', 'f64_reinterpret_i64'],
  ...['i32_extend8_s', 'i32_extend16_s', 'i64_extend8_s', 'i64_extend16_s', 'i64_extend32_s'],
  ...['i32x4_extract_lane', 'i64x2_extract_lane', 'f32x4_extract_lane', 'f64x2_extract_lane', 'i8x16_extract_lane_u', 'i16x8_extract_lane_u'],
]);
/** Ops whose result is one operand's value where the other is 0. */
const WITH_ZERO: ReadonlySet<string> = new Set(['i32_add', 'i64_add', 'i32_or', 'i64_or', 'i32_xor', 'i64_xor', 'i32_sub', 'i64_sub']);
/** Ops that put a value into a vector: a copy where the rest of it is constant. */
const PUTTING: ReadonlySet<string> = new Set(['i32x4_replace_lane', 'i64x2_replace_lane', 'f32x4_replace_lane', 'f64x2_replace_lane']);
const SELECTS: ReadonlySet<string> = new Set(['i32_select', 'i64_select', 'f32_select', 'f64_select', 'v128_select']);

/** What most instructions have room in. */
const OPS = 64;

const keyOf = (source: FlowSource): string => `${source.kind} ${source.kind === 'register' ? source.register : source.kind === 'load' ? source.access : ''}`;

/** What flows where within one instruction, read off its IR. @param word its bytes */
export function dataFlowOf(guest: Guest, pc: number, word: number): readonly FlowResult[] {
  const ir = new IrBuilder(new IrBuffer(OPS));
  guest.translateBlock(ir, { pc, maxInsns: 1, fetch: (address) => (address === pc ? word : undefined) });
  return new InsnFlow(ir).results();
}

class InsnFlow {
  private readonly accesses = new Map<number, number>();

  constructor(private readonly ir: IrBuilder) {
    const { buffer } = ir;
    for (let i = 0; i < buffer.length; i++) if (isAccess(buffer.op[i])) this.accesses.set(i, this.accesses.size);
  }

  results(): readonly FlowResult[] {
    const { buffer } = this.ir;
    const found: FlowResult[] = [];
    for (let i = 0; i < buffer.length; i++) {
      const op = buffer.op[i];
      if (op === OP.setReg) found.push(this.result({ kind: 'register', register: buffer.imm[i] }, [buffer.a[i]], i));
      else if (op === OP.setFlags) found.push(this.result({ kind: 'register', register: FLAGS }, [buffer.a[i], buffer.b[i]], i));
      else if (OP_TABLE[op].kind === 'store')
        found.push(this.result({ kind: 'store', access: this.accesses.get(i) as number, bytes: OP_TABLE[op].bytes }, [buffer.b[i]], i));
    }
    return found;
  }

  private result(target: FlowResult['target'], values: readonly number[], at: number): FlowResult {
    const sources = new Map<string, FlowSource>();
    for (const value of values) this.collect(value, at, sources, new Set());
    const isFlags = target.kind === 'register' && target.register === FLAGS;
    return { target, sources: [...sources.values()], isCopy: !isFlags && sources.size === 1 && values.every((value) => this.passes(value, at)) };
  }

  /** The op that an own write of the register made its value, before op `at`; NONE if there is none. */
  private written(register: number, at: number): number {
    const { buffer } = this.ir;
    for (let i = at - 1; i >= 0; i--) if (buffer.op[i] === OP.setReg && buffer.imm[i] === register) return buffer.a[i];
    return NONE;
  }

  private collect(value: number, at: number, sources: Map<string, FlowSource>, seen: Set<number>): void {
    if (value === NONE || seen.has(value)) return;
    seen.add(value);
    const { buffer } = this.ir;
    const op = buffer.op[value];
    const add = (source: FlowSource): void => void sources.set(keyOf(source), source);
    if (op === OP.getReg) {
      const own = this.written(buffer.imm[value], value);
      if (own === NONE) add({ kind: 'register', register: buffer.imm[value] });
      else this.collect(own, value, sources, seen);
    } else if (op === OP.flagTest || op === OP.getNzcv) add({ kind: 'register', register: FLAGS });
    else if (op === OP.input) add({ kind: 'input' });
    else if (OP_TABLE[op].kind === 'load') add({ kind: 'load', access: this.accesses.get(value) as number, bytes: OP_TABLE[op].bytes });
    else for (const operand of this.operands(value)) this.collect(operand, at, sources, seen);
  }

  /** What an op's value is made from. Which of two values is chosen is no value, unless both are constants. */
  private operands(value: number): readonly number[] {
    const { buffer } = this.ir;
    const op = buffer.op[value];
    const [a, b, c] = [buffer.a[value], buffer.b[value], buffer.c[value]];
    if (op === OP.helper || op === OP.coldHelper) {
      const helper = buffer.helpers[buffer.imm[value]];
      return [...(op === OP.coldHelper ? [b] : []), ...buffer.callArgs.slice(buffer.imm2[value], buffer.imm2[value] + helper.args.length)];
    }
    if (!SELECTS.has(OP_TABLE[op].name)) return [a, b, c];
    return this.isConstant(b) && this.isConstant(c) ? [a] : [b, c];
  }

  private isConstant(value: number): boolean {
    if (value === NONE) return true;
    const sources = new Map<string, FlowSource>();
    this.collect(value, value, sources, new Set());
    return sources.size === 0;
  }

  private isZero(value: number): boolean {
    const { buffer } = this.ir;
    return (buffer.op[value] === OP.i64_const || buffer.op[value] === OP.i32_const) && buffer.imm[value] === 0 && buffer.imm2[value] === 0;
  }

  /** Whether a value is that of one register or load. */
  private passes(value: number, at: number): boolean {
    const { buffer } = this.ir;
    const op = buffer.op[value];
    const { name, kind } = OP_TABLE[op];
    const [a, b] = [buffer.a[value], buffer.b[value]];
    if (op === OP.getReg) {
      const own = this.written(buffer.imm[value], value);
      return own === NONE || this.passes(own, at);
    }
    if (kind === 'load') return true;
    if (PASSING.has(name)) return this.passes(a, at);
    if (PUTTING.has(name)) return this.isConstant(a) && this.passes(b, at);
    if (!WITH_ZERO.has(name)) return false;
    if (this.isZero(b)) return this.passes(a, at);
    return !name.endsWith('sub') && this.isZero(a) && this.passes(b, at);
  }
}

const isAccess = (op: number): boolean => OP_TABLE[op].kind === 'load' || OP_TABLE[op].kind === 'store';
