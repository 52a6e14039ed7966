import { AssertionError, assert } from '../base/index.ts';
import { type Block, IrBuffer, NONE, type Terminator } from './buffer.ts';
import { IrBuilder, type Value } from './builder.ts';
import { type Bits, canonical, fromBigInt, toBigInt } from './evaluator/bits.ts';
import { createFloatOps } from './evaluator/float.ts';
import { integerOps } from './evaluator/integer.ts';
import { laneOps, vectorOps } from './evaluator/simd.ts';
import { createVectorFloatOps } from './evaluator/simdFloat.ts';
import { nzcvOf } from './flags.ts';
import type { Helper } from './helpers.ts';
import { accessBytes, bitsOf, MARK_BY_BYTE, MARK_MASK, MARKED_BITS, marksOf, WHOLE_WORD } from './marks.ts';
import { OP_TABLE, type SpecialOp, type Ty } from './ops.ts';
import type { Register, StateLayout } from './state.ts';

export type { Bits } from './evaluator/bits.ts';

/** An access that the guest may not make: the first address that faults. */
export interface MemoryFault {
  readonly faultAddress: bigint;
}

/** Guest memory as the evaluator sees it. Addresses are 0 to 2^64 - 1, values little-endian unsigned integers of `bytes` (1 to 16) bytes. */
export interface EvaluatorMemory {
  load(address: bigint, bytes: number): bigint | MemoryFault;
  /** On a fault nothing is stored. */
  store(address: bigint, bytes: number, value: bigint): MemoryFault | undefined;
}

/** Where trace records go. */
export interface EvaluatorRing {
  reserve(block: number, bytes: number): void;
  /** The step is wanted at `offset` of the record. */
  step(offset: number): void;
  /** The low `bytes` bytes of `value` at `offset` of the record. */
  store(offset: number, bytes: number, value: bigint): void;
  commit(bytes: number): void;
  count(block: number, insns: number): void;
}

export interface EvaluatorOptions {
  readonly layout: StateLayout;
  /** CPU state, laid out as `layout` says from byte `stateOffset` on. */
  readonly state: DataView;
  readonly stateOffset: number;
  readonly memory: EvaluatorMemory;
  /** Value of an `input` op; see InputKind. */
  readonly input: (kind: number) => bigint;
  /** Without it, ring ops do nothing. */
  readonly ring?: EvaluatorRing;
}

/** How a block ended, and how many of its instructions are complete. The CPU state is exact. */
export type BlockOutcome = { readonly completed: number } & (
  | { readonly kind: 'jump' | 'syscall' | 'exit'; readonly pc: bigint }
  | { readonly kind: 'trap'; readonly code: number; readonly argument: number; readonly pc: number }
  /** Instruction number `completed` of the block (from 0) made an access that faults. */
  | { readonly kind: 'fault'; readonly address: bigint; readonly write: boolean; readonly misaligned?: true }
  /** Instruction number `completed` of the block did not complete: a `trapIf`. */
  | { readonly kind: 'trapInside'; readonly code: number; readonly argument: number }
);

/** The body of an IR helper, built once. */
interface HelperBody {
  readonly buffer: IrBuffer;
  readonly result: number;
}

type Fault =
  | { readonly kind: 'fault'; readonly address: bigint; readonly write: boolean; readonly misaligned?: true }
  | { readonly kind: 'trapInside'; readonly code: number; readonly argument: number };
type AnyFunction = (...args: Bits[]) => Bits;

/**
 * Evaluates blocks of IR, op by op, in plain JavaScript: slow, and independent of the lowering to Wasm, which is tested
 * against it. NaN results of floating-point arithmetic are the positive quiet NaN without payload.
 */
export class Evaluator {
  private readonly functions: readonly (AnyFunction | undefined)[];
  private readonly bodies = new Map<Helper, HelperBody>();

  constructor(private readonly options: EvaluatorOptions) {
    const float = createFloatOps();
    const table = { ...integerOps, ...float, ...vectorOps, ...createVectorFloatOps(float), ...laneOps } as unknown as Readonly<
      Record<string, AnyFunction | undefined>
    >;
    this.functions = OP_TABLE.map((info) => table[info.name]);
  }

  /** Runs a block once. */
  run(buffer: IrBuffer, block: Block): BlockOutcome {
    const values: Bits[] = [];
    let completed = 0;
    for (let i = block.start; i < block.end; i++) {
      if (OP_TABLE[buffer.op[i]].name === 'insn') completed = buffer.imm[i];
      const fault = this.step(buffer, i, values, undefined);
      if (fault !== undefined) return { completed, ...fault };
    }
    return this.end(block, block.terminator, values);
  }

  /** Value of a helper for these arguments. */
  callHelper(helper: Helper, args: readonly Bits[]): Bits {
    if (helper.host !== undefined) {
      const host = helper.host as (...args: (number | bigint)[]) => number | bigint;
      const result = host(...args.map((value, i) => (helper.args[i] === 'i64' ? BigInt.asIntN(64, value as bigint) : (value as number))));
      return canonical(helper.result, result);
    }
    const { buffer, result } = this.bodyOf(helper);
    const values: Bits[] = [];
    for (let i = 0; i < buffer.length; i++) {
      const kind = OP_TABLE[buffer.op[i]].kind;
      assert(kind !== 'load' && kind !== 'store', `helper ${helper.name} touches guest memory`);
      this.step(buffer, i, values, args);
    }
    return values[result];
  }

  private bodyOf(helper: Helper): HelperBody {
    let body = this.bodies.get(helper);
    if (body === undefined) {
      assert(helper.body !== undefined, `helper ${helper.name} has neither a body nor a host function`);
      const ir = new IrBuilder(new IrBuffer(64));
      const build = helper.body as (ir: IrBuilder, ...args: Value[]) => Value;
      body = { result: build(ir, ...helper.args.map((type, i) => ir.arg(i, type))), buffer: ir.buffer };
      this.bodies.set(helper, body);
    }
    return body;
  }

  private end(block: Block, t: Terminator, values: readonly Bits[]): BlockOutcome {
    const completed = block.insns;
    switch (t.kind) {
      case 'jump':
      case 'call':
        return { kind: 'jump', completed, pc: BigInt(t.target) };
      case 'branch':
        return { kind: 'jump', completed, pc: BigInt(values[t.condition] !== 0 ? t.taken : t.fallThrough) };
      case 'callIndirect':
      case 'jumpIndirect':
      case 'return':
        return { kind: 'jump', completed, pc: values[t.target] as bigint };
      case 'syscall':
      case 'exit':
        return { kind: t.kind, completed, pc: BigInt(t.next) };
      case 'trap':
        return { kind: 'trap', completed: Math.max(completed - 1, 0), code: t.code, argument: t.argument, pc: t.pc };
    }
  }

  /** Evaluates op `i`. @returns a fault, if it made one */
  private step(buffer: IrBuffer, i: number, values: Bits[], args: readonly Bits[] | undefined): Fault | undefined {
    const info = OP_TABLE[buffer.op[i]];
    switch (info.kind) {
      case 'pure':
      case 'lane': {
        const operands: Bits[] = [buffer.a[i], buffer.b[i], buffer.c[i]].slice(0, info.args.length).map((operand) => values[operand]);
        if (info.kind === 'lane') operands.push(buffer.imm[i]);
        const compute = this.functions[buffer.op[i]];
        assert(compute !== undefined, `no function for ${info.name}`);
        values[i] = canonical(info.result as Ty, compute(...operands));
        return undefined;
      }
      case 'load': {
        if (buffer.c[i] !== NONE && values[buffer.c[i]] === 0) {
          values[i] = fromBigInt(info.result as Ty, 0n);
          return undefined;
        }
        const loaded = this.options.memory.load(values[buffer.a[i]] as bigint, info.bytes);
        if (typeof loaded !== 'bigint') return { kind: 'fault', address: loaded.faultAddress, write: false };
        values[i] = fromBigInt(info.result as Ty, info.name.endsWith('_s') ? BigInt.asIntN(info.bytes * 8, loaded) : loaded);
        return undefined;
      }
      case 'store': {
        if (buffer.c[i] !== NONE && values[buffer.c[i]] === 0) return undefined;
        const value = BigInt.asUintN(info.bytes * 8, toBigInt(values[buffer.b[i]]));
        const fault = this.options.memory.store(values[buffer.a[i]] as bigint, info.bytes, value);
        return fault === undefined ? undefined : { kind: 'fault', address: fault.faultAddress, write: true };
      }
      case 'special': {
        if (info.name === 'checkAligned') {
          const address = values[buffer.a[i]] as bigint;
          return (address & BigInt(buffer.imm[i] - 1)) === 0n ? undefined : { kind: 'fault', address, write: false, misaligned: true };
        }
        if (info.name === 'trapIf') return values[buffer.a[i]] === 0 ? undefined : { kind: 'trapInside', code: buffer.imm[i], argument: buffer.imm2[i] };
        const value = this.special(info.name as SpecialOp, buffer, i, values, args);
        if (value !== undefined) values[i] = value;
        return undefined;
      }
    }
  }

  private special(name: SpecialOp, buffer: IrBuffer, i: number, values: Bits[], args: readonly Bits[] | undefined): Bits | undefined {
    const imm = buffer.imm[i];
    const { layout, ring } = this.options;
    switch (name) {
      case 'i32_const':
      case 'f32_const':
        return imm;
      case 'i64_const':
      case 'f64_const':
        return BigInt(imm >>> 0) | (BigInt(buffer.imm2[i] >>> 0) << 32n);
      case 'v128_const':
        return buffer.constants[imm];
      case 'i8x16_shuffle': {
        const both = [...(values[buffer.a[i]] as Uint8Array), ...(values[buffer.b[i]] as Uint8Array)];
        return buffer.constants[imm].map((index) => both[index]);
      }
      case 'getReg':
        return this.get(layout.registers[imm]);
      case 'setReg':
        this.set(layout.registers[imm], values[buffer.a[i]]);
        return undefined;
      case 'setFlags':
        this.set(layout.flags.a, values[buffer.a[i]]);
        this.set(layout.flags.b, values[buffer.b[i]]);
        if (buffer.c[i] !== NONE) this.set(layout.flags.c, values[buffer.c[i]]);
        this.set(layout.flags.kind, imm);
        return undefined;
      case 'flagTest':
        return conditionHolds(imm, this.nzcv()) ? 1 : 0;
      case 'getNzcv':
        return this.nzcv() << 28;
      case 'helper':
        return this.callFrom(buffer, i, values);
      case 'coldHelper':
        if (values[buffer.a[i]] === 0) return values[buffer.b[i]];
        assert(buffer.c[i] === NONE || values[buffer.c[i]] !== 0, 'a condition holds without the one that it implies');
        return this.callFrom(buffer, i, values);
      case 'arg':
        assert(args !== undefined, 'arg outside a helper');
        return args[imm];
      case 'checkAligned':
      case 'trapIf':
        throw new AssertionError('a fault is no value');
      case 'input':
        return BigInt.asUintN(64, this.options.input(imm));
      case 'ringReserve':
        ring?.reserve(imm, buffer.imm2[i]);
        return undefined;
      case 'ringStep':
        ring?.step(imm);
        return undefined;
      case 'ringStore':
        ring?.store(imm, buffer.imm2[i], toBigInt(values[buffer.a[i]]));
        return undefined;
      case 'ringCommit':
        ring?.commit(buffer.a[i] === NONE || values[buffer.a[i]] !== 0 ? imm : 0);
        return undefined;
      case 'count':
        ring?.count(imm, buffer.imm2[i]);
        return undefined;
      case 'counterGet':
        return this.options.state.getBigUint64(imm, true);
      case 'counterSet':
        this.options.state.setBigUint64(imm, toBigInt(values[buffer.a[i]]), true);
        return undefined;
      case 'mark':
        this.mark(buffer, i, values);
        return undefined;
      case 'callback':
        throw new AssertionError('the evaluator calls nobody back');
      case 'insn':
        return undefined;
    }
  }

  private mark({ a, imm, imm2 }: IrBuffer, i: number, values: readonly Bits[]): void {
    const { state } = this.options;
    if (a[i] === NONE) return state.setUint8(imm[i], 1);
    const address = Number(BigInt.asUintN(MARKED_BITS, toBigInt(values[a[i]])));
    const bytes = accessBytes(imm2[i]);
    const isByByte = (imm2[i] & MARK_BY_BYTE) !== 0;
    let bits = isByByte ? bitsOf(address, bytes) : 1;
    for (const mark of marksOf(address, bytes, imm2[i] & MARK_MASK)) {
      state.setUint8(imm[i] + mark, state.getUint8(imm[i] + mark) | bits);
      if (isByByte) bits = WHOLE_WORD;
    }
  }

  private callFrom(buffer: IrBuffer, i: number, values: readonly Bits[]): Bits {
    const helper = buffer.helpers[buffer.imm[i]];
    const first = buffer.imm2[i];
    return this.callHelper(
      helper,
      helper.args.map((_, n) => values[buffer.callArgs[first + n]]),
    );
  }

  private nzcv(): number {
    const { a, b, c, kind } = this.options.layout.flags;
    return nzcvOf(this.get(kind) as number, this.get(a) as bigint, this.get(b) as bigint, this.get(c) as number);
  }

  private get(register: Register): Bits {
    const at = this.options.stateOffset + register.offset;
    const { state } = this.options;
    switch (register.type) {
      case 'i32':
      case 'f32':
        return state.getInt32(at, true);
      case 'i64':
      case 'f64':
        return state.getBigUint64(at, true);
      case 'v128':
        return fromBigInt('v128', state.getBigUint64(at, true) | (state.getBigUint64(at + 8, true) << 64n));
    }
  }

  private set(register: Register, value: Bits): void {
    const at = this.options.stateOffset + register.offset;
    const { state } = this.options;
    if (typeof value === 'number') return state.setInt32(at, value, true);
    const whole = toBigInt(value);
    state.setBigUint64(at, BigInt.asUintN(64, whole), true);
    if (register.type === 'v128') state.setBigUint64(at + 8, whole >> 64n, true);
  }
}

/** Whether the Arm condition `condition` (0 EQ .. 13 LE, 14 and 15 always; Arm ARM C1.2.4) holds for N Z C V in bits 3..0. */
export function conditionHolds(condition: number, nzcv: number): boolean {
  const n = (nzcv & 8) !== 0;
  const z = (nzcv & 4) !== 0;
  const c = (nzcv & 2) !== 0;
  const v = (nzcv & 1) !== 0;
  if (condition >= 14) return true;
  const base = [z, c, n, v, c && !z, n === v, n === v && !z][condition >> 1];
  return (condition & 1) !== 0 ? !base : base;
}
