import { assert } from '../base/index.ts';
import { type IrBuffer, type IrBuilder, NONE, OP, type Terminator } from '../ir/index.ts';

/** Copies ops from one buffer to another, keeping track of the values' new numbers. */
export class Copier {
  private readonly renamed = new Map<number, number>();

  constructor(
    private readonly from: IrBuffer,
    private readonly to: IrBuilder,
  ) {}

  value(old: number): number {
    if (old === NONE) return NONE;
    const value = this.renamed.get(old);
    assert(value !== undefined, `value ${old} is used before it is made`);
    return value;
  }

  /** The value `old` is `value` in the other buffer. */
  rename(old: number, value: number): void {
    this.renamed.set(old, value);
  }

  op(i: number): void {
    const { from } = this;
    const { buffer } = this.to;
    const op = from.op[i];
    let imm = from.imm[i];
    let imm2 = from.imm2[i];
    if (op === OP.v128_const || op === OP.i8x16_shuffle) imm = buffer.constants.push(from.constants[imm]) - 1;
    else if (op === OP.helper || op === OP.coldHelper) {
      const helper = from.helpers[imm];
      const first = buffer.callArgs.length;
      for (let k = 0; k < helper.args.length; k++) buffer.callArgs.push(this.value(from.callArgs[imm2 + k]));
      imm = buffer.helperNumber(helper);
      imm2 = first;
    }
    this.renamed.set(i, buffer.push(op, from.type[i], this.value(from.a[i]), this.value(from.b[i]), this.value(from.c[i]), imm, imm2));
  }

  terminator(old: Terminator): Terminator {
    switch (old.kind) {
      case 'branch':
        return { ...old, condition: this.value(old.condition) };
      case 'callIndirect':
      case 'jumpIndirect':
      case 'return':
        return { ...old, target: this.value(old.target) };
      default:
        return old;
    }
  }
}
