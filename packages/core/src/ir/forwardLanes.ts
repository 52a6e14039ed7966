import { type Block, type IrBuffer, NONE, type Terminator, TYPE_NUMBER } from './buffer.ts';
import { OP, OP_TABLE } from './ops.ts';

/** For each op that reads an element, by op number: the ops that set one element and all of them; 0 for other ops. */
const REPLACE = new Uint16Array(OP_TABLE.length);
const SPLAT = new Uint16Array(OP_TABLE.length);
for (const shape of ['i32x4', 'i64x2'] as const) {
  REPLACE[OP[`${shape}_extract_lane`]] = OP[`${shape}_replace_lane`];
  SPLAT[OP[`${shape}_extract_lane`]] = OP[`${shape}_splat`];
}

/** How an op keeps the upper halves of its operands zero, by op number. */
const KEEPS = { never: 0, ifOne: 1, ifFirst: 2, ifBoth: 3 } as const;
const ZERO_HALVES = Uint8Array.from(OP_TABLE, ({ name }) => {
  if (name === 'v128_and') return KEEPS.ifOne;
  if (/^(v128_andnot|i(8x16|16x8|32x4|64x2)_(shl|shr_[su]|abs|neg|popcnt))$/.test(name)) return KEEPS.ifFirst;
  if (/^(v128_(or|xor|bitselect)|i(8x16|16x8|32x4|64x2)_((add|sub)(_sat_[su])?|mul|(min|max|lt|gt)_[su]|ne|avgr_u))$/.test(name)) return KEEPS.ifBoth;
  return KEEPS.never;
});
/** For each op that sets an element, by op number: how many elements the lower half has; 0 for other ops. */
const LOWER_LANES = Uint8Array.from(OP_TABLE, ({ name }) => (name.endsWith('_replace_lane') ? Number(/x(\d+)_/.exec(name)?.[1]) / 2 : 0));

function hasVectors({ type }: IrBuffer, { start, end }: Block): boolean {
  for (let i = start; i < end; i++) if (type[i] === TYPE_NUMBER.v128) return true;
  return false;
}

/**
 * A pass over a block: reads of a vector's integer element use the number that was put there, where that was in the same
 * block, also by way of a guest register. Hash functions do so all the time; engines do not see through it, and moving a
 * number to a vector and back takes many cycles. The vectors are still made and the registers still set, but mostly nothing
 * waits for them. Floating-point elements stay: the first one of a vector is read where it is, and that is what programs do.
 */
export class LaneForwarding {
  /** What uses of a value use instead: itself, if there is nothing better. */
  private instead = new Int32Array(4096);
  /** The value that a read of a register gives, by read and by register; NONE if the block has not set it. */
  private given = new Int32Array(4096);
  private readonly last = new Int32Array(256);
  /** By value: 1 if it is a vector whose upper half is known to be zero. */
  private isNarrow = new Uint8Array(4096);

  /** Changes the operands of the block's ops. @returns the block, with its terminator's operand changed likewise */
  run(buffer: IrBuffer, block: Block): Block {
    if (!hasVectors(buffer, block)) return block;
    if (this.instead.length < buffer.length) {
      this.instead = new Int32Array(buffer.length * 2);
      this.given = new Int32Array(buffer.length * 2);
      this.isNarrow = new Uint8Array(buffer.length * 2);
    }
    const { op, type, a, b, c, imm, imm2 } = buffer;
    const { instead, given, last } = this;
    last.fill(NONE);
    for (let i = block.start; i < block.end; i++) {
      if (a[i] !== NONE) a[i] = instead[a[i]];
      if (b[i] !== NONE) b[i] = instead[b[i]];
      if (c[i] !== NONE) c[i] = instead[c[i]];
      instead[i] = i;
      const o = op[i];
      this.isNarrow[i] = 0;
      if (type[i] === TYPE_NUMBER.v128) this.narrow(buffer, i);
      if (REPLACE[o] !== 0) instead[i] = this.element(buffer, i);
      else if (o === OP.getReg) {
        given[i] = last[imm[i]];
        if (given[i] !== NONE) this.isNarrow[i] = this.isNarrow[given[i]];
      } else if (o === OP.setReg) last[imm[i]] = type[a[i]] === TYPE_NUMBER.v128 ? a[i] : NONE;
      else if (o === OP.helper || o === OP.coldHelper) {
        const end = imm2[i] + (buffer.helpers[imm[i]]?.args.length ?? 0);
        for (let k = imm2[i]; k < end; k++) buffer.callArgs[k] = instead[buffer.callArgs[k] as number];
      }
    }
    const terminator = this.terminator(block.terminator);
    return terminator === block.terminator ? block : { ...block, terminator };
  }

  /** Learns whether the upper half of vector `i` is zero, and leaves out what only makes it so. */
  private narrow(buffer: IrBuffer, i: number): void {
    const { isNarrow } = this;
    const { op, a, b, imm } = buffer;
    const o = op[i];
    const first = a[i] !== NONE && isNarrow[a[i]] === 1;
    if (o === OP.v128_const) isNarrow[i] = Number(buffer.constants[imm[i]].subarray(8).every((byte) => byte === 0));
    else if (LOWER_LANES[o] !== 0) {
      const isZeroing = o === OP.i64x2_replace_lane && imm[i] === 1 && op[b[i]] === OP.i64_const && imm[b[i]] === 0 && buffer.imm2[b[i]] === 0;
      if (isZeroing && first) this.instead[i] = a[i];
      isNarrow[i] = Number(isZeroing || (first && imm[i] < LOWER_LANES[o]));
    } else if (ZERO_HALVES[o] !== KEEPS.never) {
      const second = b[i] !== NONE && isNarrow[b[i]] === 1;
      const isKept = { [KEEPS.ifOne]: first || second, [KEEPS.ifFirst]: first, [KEEPS.ifBoth]: first && second }[ZERO_HALVES[o] as 1 | 2 | 3];
      isNarrow[i] = Number(isKept);
    }
  }

  /** The number that op `i` reads out of a vector; `i` itself where it is not known. */
  private element(buffer: IrBuffer, i: number): number {
    const { op, a, b, imm } = buffer;
    for (let v = a[i]; v !== NONE; ) {
      if (op[v] === OP.getReg) v = this.given[v];
      else if (op[v] === SPLAT[op[i]]) return a[v];
      else if (op[v] !== REPLACE[op[i]]) break;
      else if (imm[v] === imm[i]) return b[v];
      else v = a[v];
    }
    return i;
  }

  private terminator(old: Terminator): Terminator {
    switch (old.kind) {
      case 'branch':
        return this.instead[old.condition] === old.condition ? old : { ...old, condition: this.instead[old.condition] as number };
      case 'callIndirect':
      case 'jumpIndirect':
      case 'return':
        return this.instead[old.target] === old.target ? old : { ...old, target: this.instead[old.target] as number };
      default:
        return old;
    }
  }
}
