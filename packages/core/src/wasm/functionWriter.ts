import type { Ty } from '../ir/index.ts';
import { FunctionBody } from './functionBody.ts';
import { CODE } from './opcodes.ts';

/** Writes code that pushes a value. */
export type Value = () => void;

/** Writes functions of our own in the order in which one reads them: operands within their operation, statements one after the other. */
export class FunctionWriter {
  readonly body = new FunctionBody();

  /** @param params locals 0, 1, … */
  constructor(params: readonly Ty[]) {
    this.body.reset(params);
  }

  /** New locals, zero at the start. */
  locals<N extends string>(type: Ty, ...names: readonly N[]): Readonly<Record<N, number>> {
    return Object.fromEntries(names.map((name) => [name, this.body.local(type)])) as Record<N, number>;
  }

  // Values

  readonly get = (local: number): Value => {
    return () => this.body.get(local);
  };

  readonly i32 = (n: number): Value => {
    return () => this.body.i32(n);
  };

  /** An operation by its name, such as `i32.add`. */
  readonly op = (name: string, ...operands: readonly Value[]): Value => {
    return () => {
      for (const push of operands) push();
      this.body.op(CODE[name] as number);
    };
  };

  /** A word of 32 bits from a linear offset. */
  readonly load = (at: Value, offset = 0): Value => {
    return () => {
      at();
      this.body.memory(CODE['i32.load'], offset);
    };
  };

  readonly load8 = (at: Value, offset = 0): Value => {
    return () => {
      at();
      this.body.memory(CODE['i32.load8_u'], offset);
    };
  };

  /** The word number `index` from a linear offset. */
  readonly word = (from: Value, index: Value): Value => this.load(this.wordAt(from, index));

  /** Where that is. */
  readonly wordAt = (from: Value, index: Value): Value => this.op('i32.add', from, this.op('i32.shl', index, this.i32(2)));

  // Statements

  set(local: number, value: Value): void {
    value();
    this.body.set(local);
  }

  /** Adds to a local of 32 bits. */
  add(local: number, value: Value): void {
    this.set(local, this.op('i32.add', this.get(local), value));
  }

  store(at: Value, value: Value, offset = 0): void {
    at();
    value();
    this.body.memory(CODE['i32.store'], offset);
  }

  store8(at: Value, value: Value): void {
    at();
    value();
    this.body.memory(CODE['i32.store8'], 0);
  }

  if(condition: Value, then: () => void, otherwise?: () => void): void {
    condition();
    this.body.if();
    then();
    if (otherwise !== undefined) {
      this.body.else();
      otherwise();
    }
    this.body.end();
  }

  while(condition: Value, each: () => void): void {
    const { body } = this;
    body.block();
    body.loop();
    condition();
    body.op(CODE['i32.eqz']);
    body.brIf(1);
    each();
    body.br(0);
    body.end();
    body.end();
  }

  return(...values: readonly Value[]): void {
    for (const push of values) push();
    this.body.return();
  }
}
