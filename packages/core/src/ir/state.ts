import { assert } from '../base/index.ts';
import type { Ty } from './ops.ts';

/** A guest register (or other word of CPU state) that IR ops may name. */
export interface Register<T extends Ty = Ty> {
  readonly name: string;
  readonly type: T;
  /** Position in `StateLayout.registers`; the `imm` of getReg and setReg. */
  readonly index: number;
  /** Byte offset in the CPU state. */
  readonly offset: number;
  /** False for bookkeeping that is no architectural register (exclusive monitor, flag operands): never traced or shown. */
  readonly visible: boolean;
}

export const SIZE_OF: Readonly<Record<Ty, number>> = { i32: 4, i64: 8, f32: 4, f64: 8, v128: 16 };

/** The four words that hold lazy condition flags, see flags.ts. Every layout has them, as its first registers. */
export interface FlagRegisters {
  readonly a: Register<'i64'>;
  readonly b: Register<'i64'>;
  readonly c: Register<'i32'>;
  readonly kind: Register<'i32'>;
}

/**
 * A guest CPU's state, declared once: name, type and offset of each register. The Wasm offsets, the TypeScript
 * views, the trace's register numbers and gdb's target description derive from it.
 */
export class StateLayout {
  readonly registers: Register[] = [];
  /** Bytes taken so far, a multiple of 16 once sealed. */
  size = 0;
  readonly flags: FlagRegisters;
  private readonly byName = new Map<string, Register>();

  constructor() {
    this.flags = {
      a: this.add('flagA', 'i64', false),
      b: this.add('flagB', 'i64', false),
      c: this.add('flagC', 'i32', false),
      kind: this.add('flagKind', 'i32', false),
    };
  }

  /** Declares a register. @throws AssertionError if the name is taken */
  add<T extends Ty>(name: string, type: T, visible = true): Register<T> {
    assert(!this.byName.has(name), `register ${name} declared twice`);
    const size = SIZE_OF[type];
    const offset = (this.size + size - 1) & -size;
    const register: Register<T> = { name, type, index: this.registers.length, offset, visible };
    this.size = offset + size;
    this.registers.push(register);
    this.byName.set(name, register);
    return register;
  }

  /** Declares `count` registers named prefix0, prefix1, … */
  addMany<T extends Ty>(prefix: string, count: number, type: T): Register<T>[] {
    return Array.from({ length: count }, (_, i) => this.add(prefix + i, type));
  }

  /** @throws AssertionError if there is none of that name */
  get(name: string): Register {
    const register = this.byName.get(name);
    assert(register !== undefined, `no register ${name}`);
    return register;
  }
}
