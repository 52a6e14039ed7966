import { AssertionError, assert, type Brand, high32 } from '../base/index.ts';
import { IrBuffer, NONE, type Terminator, TYPE_NUMBER } from './buffer.ts';
import { type FlagKind, packFlagKind } from './flags.ts';
import type { Helper } from './helpers.ts';
import { MARK_BY_BYTE, MARK_MASK_BITS, MARK_SILENT } from './marks.ts';
import {
  type FamilyOf,
  type InputKind,
  type LaneFamilyOf,
  type LaneOp,
  type LOADS,
  type LoadOp,
  OP,
  OP_TABLE,
  type OpInfo,
  type PureOp,
  type STORES,
  type StoreOp,
  type Ty,
} from './ops.ts';
import type { Register } from './state.ts';

/** An IR value of type T: the index of the op that makes it. */
export type Value<T extends Ty = Ty> = Brand<number, `value of ${T}`> & { readonly valueType?: T };

type Values<A extends readonly Ty[]> = { -readonly [K in keyof A]: Value<A[K]> };
type PureMethods = { [N in PureOp]: (...args: Values<FamilyOf<N>['args']>) => Value<FamilyOf<N>['result']> };
/** The lane number comes last. */
type LaneMethods = { [N in LaneOp]: (...args: [...Values<LaneFamilyOf<N>['args']>, number]) => Value<LaneFamilyOf<N>['result']> };
type LoadMethods = { [N in LoadOp]: (address: Value<'i64'>, condition?: Value<'i32'>) => Value<(typeof LOADS)[N]['result']> };
type StoreMethods = { [N in StoreOp]: (address: Value<'i64'>, value: Value<(typeof STORES)[N]['value']>, condition?: Value<'i32'>) => void };

/** One method for each numeric op, load and store, named as in ops.ts, and those of the class below. */
export interface IrBuilder extends PureMethods, LaneMethods, LoadMethods, StoreMethods {}

/** Appends ops to an IrBuffer, one block after the other. Translators use nothing else to touch the guest. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface's methods come from the op table, below
export class IrBuilder {
  readonly buffer: IrBuffer;
  /** Set by the translator of the block's last instruction. */
  terminator: Terminator | undefined;

  /** @param fusesMadd true if the machine that will run this has `fusedMadd` */
  constructor(
    buffer = new IrBuffer(),
    readonly fusesMadd = false,
  ) {
    this.buffer = buffer;
  }

  i32_const(n: number): Value<'i32'> {
    return this.buffer.push(OP.i32_const, TYPE_NUMBER.i32, NONE, NONE, NONE, n | 0, 0) as Value<'i32'>;
  }

  /** A 64-bit constant from a number in -2^53 .. 2^53, or from a bigint (wrapped). */
  i64_const(n: number | bigint): Value<'i64'> {
    if (typeof n === 'bigint') return this.i64_halves(Number(BigInt.asIntN(32, n)), Number(BigInt.asIntN(32, n >> 32n)));
    if (!Number.isSafeInteger(n)) assert(false, `i64_const(${n}) is not exact`);
    return this.i64_halves(n | 0, high32(n));
  }

  /** A 64-bit constant from its two halves. */
  i64_halves(lo: number, hi: number): Value<'i64'> {
    return this.buffer.push(OP.i64_const, TYPE_NUMBER.i64, NONE, NONE, NONE, lo | 0, hi | 0) as Value<'i64'>;
  }

  /** f32 constant by its bits. */
  f32_const(bits: number): Value<'f32'> {
    return this.buffer.push(OP.f32_const, TYPE_NUMBER.f32, NONE, NONE, NONE, bits | 0, 0) as Value<'f32'>;
  }

  /** f64 constant by its bits. */
  f64_const(lo: number, hi: number): Value<'f64'> {
    return this.buffer.push(OP.f64_const, TYPE_NUMBER.f64, NONE, NONE, NONE, lo | 0, hi | 0) as Value<'f64'>;
  }

  /** v128 constant from 16 bytes, byte 0 the least significant. */
  v128_const(bytes: ArrayLike<number>): Value<'v128'> {
    return this.buffer.push(OP.v128_const, TYPE_NUMBER.v128, NONE, NONE, NONE, this.bytes16(bytes), 0) as Value<'v128'>;
  }

  /** v128 constant from its two 64-bit halves, each as [low, high] 32-bit words. */
  v128_words(w0: number, w1: number, w2: number, w3: number): Value<'v128'> {
    return this.v128_const(new Uint8Array(new Int32Array([w0, w1, w2, w3]).buffer));
  }

  /** Bytes of a (0..15) and b (16..31) picked by `lanes`, 16 numbers 0..31. */
  i8x16_shuffle(a: Value<'v128'>, b: Value<'v128'>, lanes: ArrayLike<number>): Value<'v128'> {
    return this.buffer.push(OP.i8x16_shuffle, TYPE_NUMBER.v128, a, b, NONE, this.bytes16(lanes), 0) as Value<'v128'>;
  }

  private bytes16(bytes: ArrayLike<number>): number {
    assert(bytes.length === 16, '16 bytes expected');
    return this.buffer.constants.push(Uint8Array.from(bytes)) - 1;
  }

  getReg<T extends Ty>(register: Register<T>): Value<T> {
    return this.buffer.push(OP.getReg, TYPE_NUMBER[register.type], NONE, NONE, NONE, register.index, 0) as Value<T>;
  }

  setReg<T extends Ty>(register: Register<T>, value: Value<T>): void {
    if (this.buffer.type[value] !== TYPE_NUMBER[register.type]) assert(false, `register ${register.name} set to a value of another type`);
    this.buffer.push(OP.setReg, 0, value, NONE, NONE, register.index, 0);
  }

  /**
   * Sets N Z C V lazily, see flags.ts.
   * @param condition if given, the flags are those of (kind, a, b) where it is not 0, else `otherwise` (N Z C V in bits 3..0)
   */
  setFlags(kind: FlagKind, a: Value<'i64'>, b: Value<'i64'>, condition?: Value<'i32'>, otherwise = 0): void {
    this.buffer.push(OP.setFlags, 0, a, b, condition ?? NONE, packFlagKind(kind, condition !== undefined, otherwise), 0);
  }

  /** 1 if the Arm condition `condition` (0 EQ .. 13 LE, 14 and 15 always) holds, else 0. */
  flagTest(condition: number): Value<'i32'> {
    if (condition >= 14) return this.i32_const(1);
    return this.buffer.push(OP.flagTest, TYPE_NUMBER.i32, NONE, NONE, NONE, condition, 0) as Value<'i32'>;
  }

  /** N Z C V in bits 31..28. */
  getNzcv(): Value<'i32'> {
    return this.buffer.push(OP.getNzcv, TYPE_NUMBER.i32, NONE, NONE, NONE, 0, 0) as Value<'i32'>;
  }

  /** Lanes a * b + c, rounded once. Only where `fusesMadd`. NaN results are any NaN. */
  fusedMadd(lane: 32 | 64, a: Value<'v128'>, b: Value<'v128'>, c: Value<'v128'>): Value<'v128'> {
    assert(this.fusesMadd, 'the host has no fused multiply-add');
    return this.buffer.push(OP.fusedMadd, TYPE_NUMBER.v128, a, b, c, lane, 0) as Value<'v128'>;
  }

  /** Calls a helper. */
  helper<A extends readonly Ty[], R extends Ty>(helper: Helper<A, R>, ...args: Values<A>): Value<R> {
    return this.buffer.push(
      OP.helper,
      TYPE_NUMBER[helper.result],
      NONE,
      NONE,
      NONE,
      this.buffer.helperNumber(helper as Helper),
      this.pushArgs(helper, args),
    ) as Value<R>;
  }

  /** `condition ? helper(args) : value`, where the condition hardly ever holds. */
  coldHelper<A extends readonly Ty[], R extends Ty>(condition: Value<'i32'>, value: Value<R>, helper: Helper<A, R>, ...args: Values<A>): Value<R> {
    return this.pushColdHelper(condition, value, NONE, helper, args);
  }

  /**
   * As `coldHelper`, with `implied`: a condition that holds wherever this one does, of a cold helper that follows at once.
   * The call can stand in that one's cold path.
   */
  coldHelperWithin<A extends readonly Ty[], R extends Ty>(
    implied: Value<'i32'>,
    condition: Value<'i32'>,
    value: Value<R>,
    helper: Helper<A, R>,
    ...args: Values<A>
  ): Value<R> {
    return this.pushColdHelper(condition, value, implied, helper, args);
  }

  private pushColdHelper<A extends readonly Ty[], R extends Ty>(
    condition: Value<'i32'>,
    value: Value<R>,
    implied: number,
    helper: Helper<A, R>,
    args: readonly number[],
  ): Value<R> {
    return this.buffer.push(
      OP.coldHelper,
      TYPE_NUMBER[helper.result],
      condition,
      value,
      implied,
      this.buffer.helperNumber(helper as Helper),
      this.pushArgs(helper, args),
    ) as Value<R>;
  }

  private pushArgs(helper: { readonly name: string; readonly args: readonly Ty[] }, args: readonly number[]): number {
    if (args.length !== helper.args.length) assert(false, `${helper.name} takes ${helper.args.length} arguments`);
    const first = this.buffer.callArgs.length;
    args.forEach((value, i) => {
      if (this.buffer.type[value] !== TYPE_NUMBER[helper.args[i] as Ty]) assert(false, `argument ${i} of ${helper.name} has another type`);
      this.buffer.callArgs.push(value);
    });
    return first;
  }

  /** Argument `index` of the helper whose body is being built. */
  arg<T extends Ty>(index: number, type: T): Value<T> {
    return this.buffer.push(OP.arg, TYPE_NUMBER[type], NONE, NONE, NONE, index, 0) as Value<T>;
  }

  /** The instruction faults unless `address` is a multiple of `bytes`, a power of two: comes before its first access. */
  checkAligned(address: Value<'i64'>, bytes: number): void {
    this.buffer.push(OP.checkAligned, 0, address, NONE, NONE, bytes, 0);
  }

  /** The instruction does not complete where `condition` is not 0, as by a `trap` terminator; comes before its first access. */
  trapIf(condition: Value<'i32'>, code: number, argument: number): void {
    this.buffer.push(OP.trapIf, 0, condition, NONE, NONE, code, argument);
  }

  /** A 64-bit value from outside the guest; a recording keeps it. */
  input(kind: InputKind): Value<'i64'> {
    return this.buffer.push(OP.input, TYPE_NUMBER.i64, NONE, NONE, NONE, kind, 0) as Value<'i64'>;
  }

  ringReserve(block: number, bytes: number): void {
    this.buffer.push(OP.ringReserve, 0, NONE, NONE, NONE, block, bytes);
  }

  ringStep(offset: number): void {
    this.buffer.push(OP.ringStep, 0, NONE, NONE, NONE, offset, 0);
  }

  ringStore(value: Value, offset: number, bytes: number): void {
    this.buffer.push(OP.ringStore, 0, value, NONE, NONE, offset, bytes);
  }

  /** @param condition where it is 0, the record is taken back */
  ringCommit(bytes: number, condition?: Value<'i32'>): void {
    this.buffer.push(OP.ringCommit, 0, condition ?? NONE, NONE, NONE, bytes, 0);
  }

  /** The block has so many instructions that are counted. */
  count(block: number, insns: number): void {
    this.buffer.push(OP.count, 0, NONE, NONE, NONE, block, insns);
  }

  /** The 64-bit counter at a linear offset. */
  counterGet(offset: number): Value<'i64'> {
    return this.buffer.push(OP.counterGet, TYPE_NUMBER.i64, NONE, NONE, NONE, offset, 0) as Value<'i64'>;
  }

  counterSet(offset: number, value: Value<'i64'>): void {
    this.buffer.push(OP.counterSet, 0, value, NONE, NONE, offset, 0);
  }

  /** Sets the byte at a linear offset to 1. */
  mark(at: number): void {
    this.buffer.push(OP.mark, 0, NONE, NONE, NONE, at, 0);
  }

  /**
   * Sets the bytes that an access of 1 to 16 bytes chooses of 2^n, see marks.ts.
   * @param at linear offset of the first
   * @param mask 2^n - 1
   * @param kind `watched`: somebody is told where they are watched; `byByte`: they tell bytes, and nobody is told
   */
  markAccess(at: number, mask: number, address: Value<'i64'>, bytes: number, kind: 'watched' | 'silent' | 'byByte'): void {
    const flags = (kind === 'watched' ? 0 : MARK_SILENT) | (kind === 'byByte' ? MARK_BY_BYTE : 0);
    this.buffer.push(OP.mark, 0, address, NONE, NONE, at, mask | (bytes << MARK_MASK_BITS) | flags);
  }

  /**
   * Calls MachineHooks.callback.
   * @param mayLeave whether its answer may end the region before the instruction that has begun: only before the instruction's first effect
   */
  callback(number: number, mayLeave: boolean, condition?: Value<'i32'>): void {
    this.buffer.push(OP.callback, 0, condition ?? NONE, NONE, NONE, number, Number(mayLeave));
  }

  /** A guest instruction of the block starts: its index in the block and its bytes (little-endian, low 32 bits). */
  insn(index: number, word: number): void {
    this.buffer.push(OP.insn, 0, NONE, NONE, NONE, index, word);
  }

  /** Ends the block. @throws AssertionError if it has ended already */
  end(terminator: Terminator): void {
    assert(this.terminator === undefined, 'a block ends once');
    this.terminator = terminator;
  }
}

/** What the methods below see of the builder. */
interface Target {
  readonly buffer: IrBuffer;
}

/** Operand `operand` is not a value of the type that it must be. */
function wrongOperand(name: string, operand: number): never {
  throw new AssertionError(`operand ${operand} of ${name} has another type`);
}

/**
 * A method for an op without effects: one function shape an arity, as arrays of arguments would be garbage of every op. Types are
 * looked at in place: most of a program is translated before V8 puts one function into another.
 */
function pureMethod(op: number, { name, args }: OpInfo, type: number): unknown {
  const [t0, t1, t2] = args.map((each) => TYPE_NUMBER[each]) as [number, number, number];
  switch (args.length) {
    case 1:
      return function (this: Target, a: number, lane = 0): number {
        const { buffer } = this;
        if (buffer.type[a] !== t0) wrongOperand(name, 0);
        return buffer.push(op, type, a, NONE, NONE, lane, 0);
      };
    case 2:
      return function (this: Target, a: number, b: number, lane = 0): number {
        const { buffer } = this;
        if (buffer.type[a] !== t0) wrongOperand(name, 0);
        if (buffer.type[b] !== t1) wrongOperand(name, 1);
        return buffer.push(op, type, a, b, NONE, lane, 0);
      };
    default:
      assert(args.length === 3, `${name} has ${args.length} operands`);
      return function (this: Target, a: number, b: number, c: number): number {
        const { buffer } = this;
        if (buffer.type[a] !== t0) wrongOperand(name, 0);
        if (buffer.type[b] !== t1) wrongOperand(name, 1);
        if (buffer.type[c] !== t2) wrongOperand(name, 2);
        return buffer.push(op, type, a, b, c, 0, 0);
      };
  }
}

function loadMethod(op: number, { name }: OpInfo, type: number): unknown {
  return function (this: Target, address: number, condition = NONE): number {
    const { buffer } = this;
    if (buffer.type[address] !== TYPE_NUMBER.i64) wrongOperand(name, 0);
    return buffer.push(op, type, address, NONE, condition, 0, 0);
  };
}

function storeMethod(op: number, { name, args }: OpInfo): unknown {
  const stored = TYPE_NUMBER[args[1] as Ty];
  return function (this: Target, address: number, value: number, condition = NONE): void {
    const { buffer } = this;
    if (buffer.type[address] !== TYPE_NUMBER.i64) wrongOperand(name, 0);
    if (buffer.type[value] !== stored) wrongOperand(name, 1);
    buffer.push(op, 0, address, value, condition, 0, 0);
  };
}

/** The methods of the op table, by name. */
function tableMethods(): object {
  // A dictionary from the start: an ordinary object of hundreds of properties takes milliseconds, one shape a property.
  const methods: Record<string, unknown> = Object.create(null);
  for (const [op, info] of OP_TABLE.entries()) {
    const type = info.result === undefined ? 0 : TYPE_NUMBER[info.result];
    if (info.kind === 'pure' || info.kind === 'lane') methods[info.name] = pureMethod(op, info, type);
    else if (info.kind === 'load') methods[info.name] = loadMethod(op, info, type);
    else if (info.kind === 'store') methods[info.name] = storeMethod(op, info);
  }
  return methods;
}

// An object behind the class's prototype: hundreds of methods put on the prototype itself one by one take milliseconds.
Object.setPrototypeOf(IrBuilder.prototype, tableMethods());
