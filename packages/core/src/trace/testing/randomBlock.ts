import { type Block, FlagKind, type IrBuffer, IrBuilder, type Register, type StateLayout, type Ty, type Value } from '../../ir/index.ts';

/** A small deterministic generator of random numbers (xorshift32). */
export class Random {
  constructor(private seed: number) {}

  /** 0 .. limit - 1 */
  below(limit: number): number {
    let x = this.seed;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.seed = x;
    return (x >>> 0) % limit;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

const EDGES: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 0],
  [-1, -1],
  [0xff, 0],
  [0xffff, 0],
  [-1, 0],
  [0x80, 0],
  [0x8000, 0],
  [-0x8000_0000, 0],
  [0x1234_5678, 0x7edc_ba98],
  [16, 0],
];

/**
 * Builds a block of random instructions that look like a guest's: registers in, arithmetic with many casts, loads and
 * stores of every width, flags, registers out, sometimes read back or set twice.
 */
export function randomBlock(random: Random, layout: StateLayout, insns: number): { buffer: IrBuffer; block: Block } {
  const ir = new IrBuilder();
  const generator = new InsnGenerator(random, ir, layout);
  for (let i = 0; i < insns; i++) {
    ir.insn(i, 0xd000_0000 + i);
    generator.insn();
  }
  const block: Block = { pc: 0x40_0000, start: 0, end: ir.buffer.length, insns, bytes: insns * 4, terminator: { kind: 'jump', target: 0x50_0000 } };
  return { buffer: ir.buffer, block };
}

class InsnGenerator {
  private values: Value[] = [];

  constructor(
    private readonly random: Random,
    private readonly ir: IrBuilder,
    private readonly layout: StateLayout,
  ) {}

  insn(): void {
    this.values = [];
    for (let n = 1 + this.random.below(4); n > 0; n--) this.read();
    for (let n = this.random.below(8); n > 0; n--) this.compute();
    for (let n = this.random.below(3); n > 0; n--) this.access();
    if (this.random.below(3) === 0) this.flags();
    for (let n = this.random.below(3); n > 0; n--) this.write();
    if (this.random.below(4) === 0) {
      const register = this.write();
      this.values = [this.ir.getReg(register)];
      this.compute();
      this.write();
    }
  }

  private of<T extends Ty>(type: T): Value<T> {
    const { ir, random } = this;
    const found = this.values.filter((value) => ir.buffer.typeOf(value) === type);
    if (found.length > 0 && random.below(4) > 0) return random.pick(found) as Value<T>;
    const [lo, hi] = random.pick(EDGES);
    const constants: Record<Ty, () => Value> = {
      i32: () => ir.i32_const(lo),
      i64: () => ir.i64_halves(lo, hi),
      f32: () => ir.f32_const(lo),
      f64: () => ir.f64_const(lo, hi),
      v128: () => (random.below(2) === 0 ? ir.v128_words(0, 0, 0, 0) : ir.v128_words(lo, hi, hi, lo)),
    };
    return constants[type]() as Value<T>;
  }

  private read(): void {
    const { ir, layout, random } = this;
    if (random.below(6) === 0) {
      this.values.push(random.below(2) === 0 ? ir.flagTest(random.below(14)) : ir.getNzcv());
      return;
    }
    this.values.push(ir.getReg(random.pick(layout.registers.slice(4))));
  }

  private compute(): void {
    const { ir, random } = this;
    const i32 = (): Value<'i32'> => this.of('i32');
    const i64 = (): Value<'i64'> => this.of('i64');
    const lane16 = random.below(8);
    const value = random.pick<() => Value>([
      () => ir.i32_wrap_i64(i64()),
      () => ir.i64_extend_i32_u(i32()),
      () => ir.i64_extend_i32_s(i32()),
      () => ir.i64_extend8_s(i64()),
      () => ir.i64_extend16_s(i64()),
      () => ir.i64_extend32_s(i64()),
      () => ir.i32_extend8_s(i32()),
      () => ir.i32_extend16_s(i32()),
      () => ir.i64_add(i64(), i64()),
      () => ir.i64_sub(i64(), i64()),
      () => ir.i32_add(i32(), i32()),
      () => ir.i32_sub(i32(), i32()),
      () => ir.i64_add(i64(), ir.i64_const(random.below(64))),
      () => ir.i64_sub(i64(), ir.i64_const(random.below(64))),
      () => ir.i32_sub(i32(), ir.i32_const(7)),
      () => ir.i64_and(i64(), ir.i64_halves(...random.pick(EDGES))),
      () => ir.i32_and(i32(), ir.i32_const(random.pick([0xff, 0xffff, -1, 1]))),
      () => ir.i64_mul(i64(), i64()),
      () => ir.i64_xor(i64(), i64()),
      () => ir.i32_or(i32(), i32()),
      () => ir.i64_shr_u(i64(), ir.i64_const(random.below(64))),
      () => ir.i32_shr_u(i32(), ir.i32_const(random.below(32))),
      () => ir.i64_lt_u(i64(), i64()),
      () => ir.i64_clz(i64()),
      () => ir.i64_select(i32(), i64(), i64()),
      () => ir.i64_eqz(i64()),
      () =>
        random
          .pick([ir.i64_add, ir.i64_sub, ir.i64_mul, ir.i64_and, ir.i64_or, ir.i64_xor, ir.i64_shl, ir.i64_shr_s, ir.i64_shr_u, ir.i64_rotl, ir.i64_rotr])
          .call(ir, i64(), i64()),
      () =>
        random
          .pick([ir.i32_add, ir.i32_sub, ir.i32_mul, ir.i32_and, ir.i32_or, ir.i32_xor, ir.i32_shl, ir.i32_shr_s, ir.i32_shr_u, ir.i32_rotl, ir.i32_rotr])
          .call(ir, i32(), i32()),
      () => random.pick([ir.i64_shl, ir.i64_shr_s, ir.i64_shr_u, ir.i64_rotl, ir.i64_rotr]).call(ir, i64(), ir.i64_const(random.below(70))),
      () =>
        random
          .pick([ir.i64_eq, ir.i64_ne, ir.i64_lt_s, ir.i64_lt_u, ir.i64_gt_s, ir.i64_gt_u, ir.i64_le_s, ir.i64_le_u, ir.i64_ge_s, ir.i64_ge_u])
          .call(ir, i64(), i64()),
      () =>
        random
          .pick([ir.i32_eq, ir.i32_ne, ir.i32_lt_s, ir.i32_lt_u, ir.i32_gt_s, ir.i32_gt_u, ir.i32_le_s, ir.i32_le_u, ir.i32_ge_s, ir.i32_ge_u])
          .call(ir, i32(), i32()),
      () => ir.i32_select(i32(), i32(), i32()),
      () => ir.i32_clz(i32()),
      () => ir.i64_select(ir.flagTest(random.below(14)), i64(), i64()),
      () => ir.i64_reinterpret_f64(this.of('f64')),
      () => ir.f64_reinterpret_i64(i64()),
      () => ir.i32_reinterpret_f32(this.of('f32')),
      () => ir.f32_reinterpret_i32(i32()),
      () => ir.i64x2_extract_lane(this.of('v128'), random.below(2)),
      () => ir.i32x4_extract_lane(this.of('v128'), random.below(4)),
      () => ir.i16x8_extract_lane_u(this.of('v128'), lane16),
      () => ir.i8x16_extract_lane_u(this.of('v128'), lane16 * 2 + 1),
      () => ir.i16x8_extract_lane_s(this.of('v128'), lane16),
      () => ir.f64x2_extract_lane(this.of('v128'), 1),
      () => ir.i64x2_replace_lane(this.of('v128'), i64(), 0),
      () => ir.f64x2_replace_lane(this.of('v128'), this.of('f64'), 0),
      () => ir.i16x8_replace_lane(this.of('v128'), i32(), 0),
      () => ir.i32x4_replace_lane(this.of('v128'), i32(), random.below(2)),
      () => ir.v128_xor(this.of('v128'), this.of('v128')),
      () => ir.i64x2_splat(i64()),
    ])();
    this.values.push(value);
  }

  private access(): void {
    const { ir, random } = this;
    const address = (): Value<'i64'> => this.of('i64');
    const condition = (): [Value<'i32'>] | [] => (random.below(3) === 0 ? [this.of('i32')] : []);
    const load = random.pick<() => Value | undefined>([
      () => ir.i32_load8_u(address()),
      () => ir.i32_load8_s(address()),
      () => ir.i32_load16_s(address()),
      () => ir.i32_load16_u(address()),
      () => ir.i32_load(address()),
      () => ir.i64_load(address(), this.of('i32')),
      () => ir.i32_load8_s(address(), ir.flagTest(random.below(14))),
      () => ir.i64_load8_s(address()),
      () => ir.i64_load16_s(address()),
      () => ir.i64_load32_s(address()),
      () => ir.i64_load32_u(address()),
      () => ir.i64_load(address()),
      () => ir.f32_load(address()),
      () => ir.f64_load(address()),
      () => ir.v128_load(address()),
      () => void ir.i32_store8(address(), this.of('i32'), ...condition()),
      () => void ir.i32_store16(address(), this.of('i32')),
      () => void ir.i64_store8(address(), this.of('i64')),
      () => void ir.i64_store16(address(), this.of('i64')),
      () => void ir.i64_store32(address(), this.of('i64'), ...condition()),
      () => void ir.i64_store(address(), this.of('i64')),
      () => void ir.f64_store(address(), this.of('f64')),
      () => void ir.v128_store(address(), this.of('v128'), ...condition()),
    ])();
    if (load !== undefined) this.values.push(load);
  }

  private flags(): void {
    const { ir, random } = this;
    const kind = random.pick(Object.values(FlagKind));
    if (random.below(2) === 0) ir.setFlags(kind, this.of('i64'), this.of('i64'));
    else ir.setFlags(kind, this.of('i64'), this.of('i64'), random.below(2) === 0 ? ir.flagTest(random.below(14)) : this.of('i32'), random.below(16));
  }

  private write(): Register {
    const register = this.random.pick(this.layout.registers.slice(4));
    this.ir.setReg(register, this.of(register.type));
    return register;
  }
}
