import { type IrBuilder, NONE, type Value } from '../ir/index.ts';
import { BLOCK_ROWS } from './memoryLayout.ts';
import { ROW_BYTES } from './rows.ts';

/** The code by which a block writes its rows (rows.ts). Offsets are those of rows among the block's. */
export interface RowCode {
  /** Before all else in the block. @param insn index of the first row's instruction */
  begin(insn: number, rows: number): void;
  /** The row's first words. @param condition where it is 0, the row tells nothing; or NONE */
  head(offset: number, insn: number, info: number, condition: number): void;
  tag(offset: number, tag: number): void;
  address(offset: number, address: Value<'i64'>): void;
  /** Of so many bytes, zeros above. */
  value(offset: number, value: Value, bytes: number): void;
  /** Behind all else in the block. */
  end(rows: number): void;
}

const ADDRESS = 8;
const VALUE = 16;

/** Rows in the ring. */
export class RingRows implements RowCode {
  constructor(private readonly to: IrBuilder) {}

  begin(insn: number, rows: number): void {
    this.to.ringReserve(insn, rows * ROW_BYTES);
  }

  head(offset: number, insn: number, info: number, condition: number): void {
    const { to } = this;
    // The first row's instruction is stored where room is made.
    if (condition !== NONE) {
      const kind = to.i32_select(condition as Value<'i32'>, to.i32_const(info), to.i32_const(0));
      if (offset > 0) to.ringStore(to.i32_const(insn), offset, 4);
      to.ringStore(kind, offset + 4, 4);
    } else if (offset > 0) to.ringStore(to.i64_halves(insn, info), offset, 8);
    else to.ringStore(to.i32_const(info), 4, 4);
  }

  tag(offset: number, tag: number): void {
    this.to.ringStore(this.to.i32_const(tag), offset + ADDRESS, 4);
  }

  address(offset: number, address: Value<'i64'>): void {
    this.to.ringStore(address, offset + ADDRESS, 8);
  }

  value(offset: number, value: Value, bytes: number): void {
    const { to } = this;
    const at = offset + VALUE;
    const type = to.buffer.typeOf(value);
    if (type === 'v128' || bytes === 8) return to.ringStore(value, at, bytes);
    if (bytes === 4) to.ringStore(value, at, 4);
    else {
      const mask = bytes === 1 ? 0xff : 0xffff;
      const low = type === 'i64' ? to.i32_wrap_i64(value as Value<'i64'>) : (value as Value<'i32'>);
      to.ringStore(to.i32_and(low, to.i32_const(mask)), at, 4);
    }
    to.ringStore(to.i32_const(0), at + 4, 4);
  }

  end(rows: number): void {
    this.to.ringCommit(rows * ROW_BYTES);
  }
}

/** Rows in one place, over and over, where the ring has a trace: a callback takes them at the block's end. */
export class BlockRows implements RowCode {
  /** @param taken number of a callback that takes so many rows */
  constructor(
    private readonly to: IrBuilder,
    private readonly taken: (rows: number) => number,
  ) {}

  begin(): void {}

  head(offset: number, insn: number, info: number, condition: number): void {
    const { to } = this;
    if (condition === NONE) return this.store(offset, to.i64_halves(insn, info));
    const whole = to.i64_select(condition as Value<'i32'>, to.i64_halves(insn, info), to.i64_halves(insn, 0));
    this.store(offset, whole);
  }

  tag(offset: number, tag: number): void {
    this.store(offset + ADDRESS, this.to.i64_halves(tag, 0));
  }

  address(offset: number, address: Value<'i64'>): void {
    this.store(offset + ADDRESS, address);
  }

  value(offset: number, value: Value, bytes: number): void {
    const { to } = this;
    const [low, high] = halvesOf(to, value, bytes);
    this.store(offset + VALUE, bytes >= 8 ? low : to.i64_and(low, to.i64_const((1n << BigInt(8 * bytes)) - 1n)));
    if (high !== undefined) this.store(offset + VALUE + 8, high);
  }

  end(rows: number): void {
    this.to.callback(this.taken(rows), false);
  }

  private store(offset: number, value: Value<'i64'>): void {
    this.to.counterSet(BLOCK_ROWS + offset, value);
  }
}

/** A value's low and high 64 bits; the high ones only of 16 bytes. */
export function halvesOf(to: IrBuilder, value: number, bytes: number): readonly [Value<'i64'>, Value<'i64'> | undefined] {
  switch (to.buffer.typeOf(value)) {
    case 'v128':
      return [to.i64x2_extract_lane(value as Value<'v128'>, 0), bytes === 16 ? to.i64x2_extract_lane(value as Value<'v128'>, 1) : undefined];
    case 'f64':
      return [to.i64_reinterpret_f64(value as Value<'f64'>), undefined];
    case 'f32':
      return [to.i64_extend_i32_u(to.i32_reinterpret_f32(value as Value<'f32'>)), undefined];
    case 'i32':
      return [to.i64_extend_i32_u(value as Value<'i32'>), undefined];
    default:
      return [value as Value<'i64'>, undefined];
  }
}
