import { assert } from '../base/index.ts';
import { type IrBuffer, type IrBuilder, NONE, OP, OP_TABLE, type Terminator } from '../ir/index.ts';

/** The values that an op takes. */
function operandsOf(from: IrBuffer, i: number): readonly number[] {
  const op = from.op[i];
  const isCall = op === OP.helper || op === OP.coldHelper;
  const args = isCall ? from.helpers[from.imm[i]].args.map((_, k) => from.callArgs[from.imm2[i] + k]) : [];
  return [from.a[i], from.b[i], from.c[i], ...args].filter((each) => each !== NONE);
}

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

  op(i: number): void {
    this.renamed.set(
      i,
      this.copy(i, (old) => this.value(old)),
    );
  }

  /**
   * A value before its op is copied: that and what it is made of are copied twice.
   * @returns undefined where that would be a load or another effect
   */
  ahead(old: number): number | undefined {
    if (old === NONE) return NONE;
    const known = this.renamed.get(old);
    if (known !== undefined) return known;
    const { from } = this;
    const { kind } = OP_TABLE[from.op[old]];
    if (kind === 'load' || kind === 'store' || from.op[old] === OP.input) return undefined;
    const operands = new Map<number, number>();
    for (const operand of operandsOf(from, old)) {
      const value = this.ahead(operand);
      if (value === undefined) return undefined;
      operands.set(operand, value);
    }
    return this.copy(old, (each) => operands.get(each) ?? NONE);
  }

  private copy(i: number, value: (old: number) => number): number {
    const { from } = this;
    const { buffer } = this.to;
    const op = from.op[i];
    let imm = from.imm[i];
    let imm2 = from.imm2[i];
    if (op === OP.v128_const || op === OP.i8x16_shuffle) imm = buffer.constants.push(from.constants[imm]) - 1;
    else if (op === OP.helper || op === OP.coldHelper) {
      const helper = from.helpers[imm];
      const first = buffer.callArgs.length;
      for (let k = 0; k < helper.args.length; k++) buffer.callArgs.push(value(from.callArgs[imm2 + k]));
      imm = buffer.helperNumber(helper);
      imm2 = first;
    }
    return buffer.push(op, from.type[i], value(from.a[i]), value(from.b[i]), value(from.c[i]), imm, imm2);
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
