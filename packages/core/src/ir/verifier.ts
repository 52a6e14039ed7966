import { AssertionError } from '../base/index.ts';
import { type Block, IrBuffer, NONE, type Terminator, TYPE_NUMBER } from './buffer.ts';
import { IrBuilder, type Value } from './builder.ts';
import { FlagKind } from './flags.ts';
import type { Helper } from './helpers.ts';
import { accessBytes, MARK_MASK } from './marks.ts';
import { InputKind, OP_TABLE, type OpInfo, type SpecialOp, type Ty } from './ops.ts';
import { SIZE_OF, type StateLayout } from './state.ts';

/**
 * Checks that a block is well formed: every operand is made earlier in the block and has the right type, immediates
 * are in range, instructions start in order, a trace record is one ringReserve before all else, stores inside the
 * record that do not overlap, and one ringCommit at the end, and the terminator names values and addresses that are there.
 *
 * @throws AssertionError that names the op: it is always our bug, whatever the guest did
 */
export function verifyBlock(buffer: IrBuffer, block: Block, layout: StateLayout): void {
  new Verifier(buffer, block.start, block.end, layout).block(block);
}

/**
 * Checks a helper: its body may use its arguments, numeric ops, constants and other helpers, and gives a value of its type.
 * @throws AssertionError if it is not so
 */
export function verifyHelper(helper: Helper): void {
  if ((helper.host === undefined) === (helper.body === undefined)) throw new AssertionError(`helper ${helper.name} needs either a body or a host function`);
  if (helper.body === undefined) {
    for (const type of [...helper.args, helper.result]) {
      if (type !== 'i32' && type !== 'i64') throw new AssertionError(`host helper ${helper.name} may not take or give ${type}`);
    }
    return;
  }
  const ir = new IrBuilder(new IrBuffer(64));
  const build = helper.body as (ir: IrBuilder, ...args: Value[]) => Value;
  const result = build(ir, ...helper.args.map((type, i) => ir.arg(i, type)));
  new Verifier(ir.buffer, 0, ir.buffer.length, undefined).helper(helper, result);
}

const OPERANDS = ['operand 0', 'operand 1', 'operand 2'];
/** Number of lanes by op number, 0 for ops on whole vectors. */
const LANE_COUNT = OP_TABLE.map((info) => (info.kind === 'lane' ? Number(/x(\d+)_/.exec(info.name)?.[1]) : 0));

class Verifier {
  /** Op being checked. */
  private at: number;
  private insns = 0;
  /** Bytes of the trace record; -1 before ringReserve. */
  private recordBytes = -1;
  private committed = false;
  /** 1 for each byte of the record that is stored so far. */
  private stored = new Uint8Array(0);

  constructor(
    private readonly buffer: IrBuffer,
    private readonly start: number,
    private readonly end: number,
    /** Of the guest; undefined in a helper, which may not touch it. */
    private readonly layout: StateLayout | undefined,
  ) {
    this.at = start;
  }

  block(block: Block): void {
    if (this.start < 0 || this.start > this.end || this.end > this.buffer.length) this.fail(`ops ${this.start}..${this.end} are not in the buffer`);
    for (; this.at < this.end; this.at++) this.op();
    if (this.insns !== block.insns) this.fail(`${this.insns} instructions are marked, the block has ${block.insns}`);
    this.check(this.recordBytes < 0 || this.committed, 'the trace record is not committed');
    const offsets = block.insnOffsets;
    this.check(offsets === undefined || offsets.length === block.insns, 'insnOffsets does not fit');
    this.address(block.pc);
    this.terminator(block.terminator);
  }

  helper(helper: Helper, result: number): void {
    for (; this.at < this.end; this.at++) {
      const info = this.info();
      const allowed =
        info.kind === 'pure' ||
        info.kind === 'lane' ||
        info.name.endsWith('_const') ||
        ['i8x16_shuffle', 'fusedMadd', 'arg', 'helper', 'coldHelper'].includes(info.name);
      if (!allowed) this.fail(`helper ${helper.name} may not use ${info.name}`);
      if (info.name !== 'arg') this.op();
      else if (this.buffer.type[this.at] !== TYPE_NUMBER[helper.args[this.buffer.imm[this.at]]]) this.fail(`helper ${helper.name} has no such argument`);
    }
    this.operand(result, helper.result, 'result');
  }

  private info(): OpInfo {
    const info = OP_TABLE[this.buffer.op[this.at]];
    this.check(info !== undefined, 'no such op');
    return info;
  }

  private op(): void {
    const info = this.info();
    const { buffer, at } = this;
    this.check(!this.committed, 'comes after ringCommit');
    if (info.result !== undefined) this.result(info.result);
    else if (info.kind === 'store') this.result(undefined);
    switch (info.kind) {
      case 'special':
        return this.special(info.name as SpecialOp, buffer.imm[at], buffer.imm2[at]);
      case 'lane':
        if (buffer.imm[at] < 0 || buffer.imm[at] >= LANE_COUNT[buffer.op[at]]) this.fail(`has no lane ${buffer.imm[at]}`);
        break;
      case 'load':
      case 'store':
        this.check(this.insns > 0, 'comes before the first instruction');
    }
    this.argument(info, 0, buffer.a[at]);
    this.argument(info, 1, buffer.b[at]);
    this.argument(info, 2, buffer.c[at]);
  }

  /** Operand `i` of a numeric op or memory access. */
  private argument(info: OpInfo, i: number, value: number): void {
    if (i < info.args.length) this.operand(value, info.args[i], OPERANDS[i]);
    else if (i === 2 && (info.kind === 'load' || info.kind === 'store') && value !== NONE) this.operand(value, 'i32', 'condition');
    else if (value !== NONE) this.fail(`has an operand ${i} too many`);
  }

  private special(name: SpecialOp, imm: number, imm2: number): void {
    const { buffer, at } = this;
    switch (name) {
      case 'i32_const':
      case 'f32_const':
      case 'i64_const':
      case 'f64_const':
        return;
      case 'fusedMadd':
        for (const [index, operand] of [buffer.a[at], buffer.b[at], buffer.c[at]].entries()) this.operand(operand, 'v128', `operand ${index}`);
        this.check(imm === 32 || imm === 64, 'has lanes of neither 32 nor 64 bits');
        return;
      case 'i8x16_shuffle':
        this.operand(buffer.a[at], 'v128', 'operand 0');
        this.operand(buffer.b[at], 'v128', 'operand 1');
        this.check(buffer.constants[imm]?.every((index) => index < 32) === true, 'has no pattern of indices below 32');
        return;
      case 'v128_const':
        return this.check(buffer.constants[imm]?.length === 16, 'has no constant');
      case 'getReg':
        return this.result(this.registerType(imm));
      case 'setReg':
        this.result(undefined);
        return this.operand(buffer.a[at], this.registerType(imm), 'value');
      case 'setFlags':
        this.result(undefined);
        this.operand(buffer.a[at], 'i64', 'operand 0');
        this.operand(buffer.b[at], 'i64', 'operand 1');
        if (buffer.c[at] !== NONE) this.operand(buffer.c[at], 'i32', 'condition');
        this.check(((imm & 0x100) !== 0) === (buffer.c[at] !== NONE), 'is conditional without a condition, or the reverse');
        if ((imm & 15) > FlagKind.FCMP64 || imm >>> 9 !== 0) this.fail(`has no kind ${imm}`);
        return;
      case 'flagTest':
        if (imm < 0 || imm > 13) this.fail(`has no condition ${imm}`);
        return;
      case 'getNzcv':
        return;
      case 'coldHelper':
        this.operand(buffer.a[at], 'i32', 'condition');
        this.operand(buffer.b[at], buffer.helpers[imm]?.result, 'value');
        if (buffer.c[at] !== NONE) this.operand(buffer.c[at], 'i32', 'implied condition');
        return this.call(buffer.helpers[imm], imm2);
      case 'helper':
        return this.call(buffer.helpers[imm], imm2);
      case 'arg':
        return this.fail('is outside a helper');
      case 'checkAligned':
        this.result(undefined);
        this.check(this.insns > 0, 'comes before the first instruction');
        this.operand(buffer.a[at], 'i64', 'address');
        return this.check(imm > 0 && (imm & (imm - 1)) === 0, 'needs a power of two');
      case 'trapIf':
        this.result(undefined);
        this.check(this.insns > 0, 'comes before the first instruction');
        return this.operand(buffer.a[at], 'i32', 'condition');
      case 'input':
        if (!(Object.values(InputKind) as number[]).includes(imm)) this.fail(`has no kind ${imm}`);
        return;
      case 'counterGet':
        return this.check(imm > 0 && imm % 8 === 0, 'has no counter');
      case 'counterSet':
        this.result(undefined);
        this.check(imm > 0 && imm % 8 === 0, 'has no counter');
        return this.operand(buffer.a[at], 'i64', 'value');
      case 'mark':
        this.result(undefined);
        this.check(imm > 0 && (buffer.imm2[at] & (buffer.imm2[at] + 1) & MARK_MASK) === 0, 'has no place, or a mask that is none');
        if (buffer.a[at] !== NONE) this.operand(buffer.a[at], 'i64', 'address');
        return this.check((buffer.a[at] === NONE) === (accessBytes(buffer.imm2[at]) === 0), 'has an address, or bytes, alone');
      case 'callback':
        this.result(undefined);
        this.check(this.insns > 0, 'comes before the first instruction');
        if (buffer.a[at] !== NONE) this.operand(buffer.a[at], 'i32', 'condition');
        return;
      case 'insn':
        this.result(undefined);
        if (imm !== this.insns) this.fail(`instruction ${imm} comes after ${this.insns}`);
        this.insns++;
        return;
      case 'ringReserve':
        this.result(undefined);
        this.check(at === this.start, 'is not the first op');
        this.check(imm2 >= 4, 'a record has at least its number');
        this.recordBytes = imm2;
        this.stored = new Uint8Array(imm2).fill(1, 0, 4);
        return;
      case 'ringStep':
        this.result(undefined);
        return this.ringPlace(imm, 4);
      case 'ringStore':
        return this.ringStore(imm, imm2);
      case 'count':
        this.result(undefined);
        return this.check(at === this.start, 'is not the first op');
      case 'ringCommit':
        this.result(undefined);
        if (this.buffer.a[at] !== NONE) this.operand(this.buffer.a[at], 'i32', 'condition');
        if (imm !== this.recordBytes) this.fail(`commits ${imm} bytes of a record of ${this.recordBytes}`);
        this.committed = true;
    }
  }

  private ringStore(offset: number, bytes: number): void {
    const value = this.buffer.a[this.at];
    this.result(undefined);
    if (value < this.start || value >= this.at) this.fail(`value %${value - this.start} is not made before`);
    if (![1, 2, 4, 8, 16].includes(bytes) || bytes > SIZE_OF[this.buffer.typeOf(value)]) this.fail(`stores ${bytes} bytes`);
    this.ringPlace(offset, bytes);
  }

  private ringPlace(offset: number, bytes: number): void {
    this.check(offset >= 0 && offset + bytes <= this.recordBytes, 'stores outside the record');
    if (this.stored.subarray(offset, offset + bytes).includes(1)) this.fail(`stores twice at ${offset}`);
    this.stored.fill(1, offset, offset + bytes);
  }

  private call(helper: Helper | undefined, first: number): void {
    this.check(helper !== undefined, 'has no such helper');
    this.result(helper.result);
    for (const [i, type] of helper.args.entries()) this.operand(this.buffer.callArgs[first + i] ?? NONE, type, `argument ${i} of ${helper.name}`);
  }

  private registerType(index: number): Ty {
    const register = this.layout?.registers[index];
    if (register === undefined) this.fail(`has no register ${index}`);
    return register.type;
  }

  private result(type: Ty | undefined): void {
    if (this.buffer.type[this.at] !== (type === undefined ? 0 : TYPE_NUMBER[type])) this.fail(`has a result that is not ${type ?? 'nothing'}`);
  }

  private operand(value: number, type: Ty | undefined, what: string): void {
    if (value < this.start || value >= this.at) this.fail(`${what} (%${value - this.start}) is not made before`);
    if (type === undefined || this.buffer.type[value] !== TYPE_NUMBER[type]) this.fail(`${what} (%${value - this.start}) is not ${type}`);
  }

  private address(address: number): void {
    if (!Number.isSafeInteger(address) || address < 0) this.fail(`${address} is no address`);
  }

  private terminator(t: Terminator): void {
    switch (t.kind) {
      case 'jump':
        return this.address(t.target);
      case 'branch':
        this.operand(t.condition, 'i32', 'condition');
        this.address(t.taken);
        return this.address(t.fallThrough);
      case 'call':
        this.address(t.target);
        return this.address(t.returnAddress);
      case 'callIndirect':
        this.address(t.returnAddress);
        return this.operand(t.target, 'i64', 'target');
      case 'jumpIndirect':
      case 'return':
        return this.operand(t.target, 'i64', 'target');
      case 'syscall':
      case 'exit':
        return this.address(t.next);
      case 'trap':
        return this.address(t.pc);
    }
  }

  private check(condition: boolean, message: string): asserts condition {
    if (!condition) this.fail(message);
  }

  private fail(message: string): never {
    const where = this.at < this.end ? `op %${this.at - this.start} (${OP_TABLE[this.buffer.op[this.at]]?.name})` : 'the end';
    throw new AssertionError(`malformed IR at ${where}: ${message}`);
  }
}
