import { FlagKind, nzcvOf, packFlagKind, type Register, type StateLayout } from '../ir/index.ts';
import { type LinearMemory, STATE } from './linearMemory.ts';

/**
 * The guest's registers as they stand in linear memory, exact whenever no generated code runs, and inside syscalls; or those
 * that `save` gave.
 */
export class CpuState {
  /** Called before any register is changed by a method of this one; the kernel puts results of system calls into theirs itself. */
  beforeChange: (() => void) | undefined;

  /** @param start linear offset of the first register */
  constructor(
    readonly layout: StateLayout,
    private readonly memory: Pick<LinearMemory, 'bytes' | 'view'>,
    private readonly start = STATE,
  ) {}

  /** What `save` gave, to look at and to change. */
  static ofSaved(layout: StateLayout, saved: Uint8Array): CpuState {
    return new CpuState(layout, { bytes: saved, view: new DataView(saved.buffer, saved.byteOffset, saved.byteLength) }, 0);
  }

  /** Linear offset of a register. */
  offset(register: Register): number {
    return this.start + register.offset;
  }

  /** The register's bits, unsigned. */
  get(register: Register): bigint {
    const at = this.offset(register);
    const view = this.memory.view;
    switch (register.type) {
      case 'i32':
      case 'f32':
        return BigInt(view.getUint32(at, true));
      case 'i64':
      case 'f64':
        return view.getBigUint64(at, true);
      case 'v128':
        return view.getBigUint64(at, true) | (view.getBigUint64(at + 8, true) << 64n);
    }
  }

  /** 32 bits of the register, from bit 32 * i on. */
  word({ offset }: Register, i: number): number {
    return this.memory.view.getInt32(this.start + offset + 4 * i, true);
  }

  /** Sets the register to `value` modulo its width. */
  set(register: Register, value: bigint): void {
    this.beforeChange?.();
    const at = this.offset(register);
    const view = this.memory.view;
    switch (register.type) {
      case 'i32':
      case 'f32':
        return view.setUint32(at, Number(BigInt.asUintN(32, value)), true);
      case 'i64':
      case 'f64':
        return view.setBigUint64(at, BigInt.asUintN(64, value), true);
      case 'v128':
        view.setBigUint64(at, BigInt.asUintN(64, value), true);
        view.setBigUint64(at + 8, BigInt.asUintN(64, value >> 64n), true);
    }
  }

  getByName(name: string): bigint {
    return this.get(this.layout.get(name));
  }

  setByName(name: string, value: bigint): void {
    this.set(this.layout.get(name), value);
  }

  /** N Z C V in bits 3..0. */
  get nzcv(): number {
    const { a, b, c, kind } = this.layout.flags;
    return nzcvOf(Number(this.get(kind)), this.get(a), this.get(b), Number(this.get(c)));
  }

  set nzcv(value: number) {
    const { a, b, kind } = this.layout.flags;
    this.set(kind, BigInt(packFlagKind(FlagKind.NZCV, false, 0)));
    this.set(a, BigInt(value & 15) << 28n);
    this.set(b, 0n);
  }

  /** All registers, as bytes in the order of the state layout: a thread's, while others run. */
  save(): Uint8Array {
    // Faster than a slice of shared memory.
    const saved = new Uint8Array(this.layout.size);
    saved.set(this.memory.bytes.subarray(this.start, this.start + saved.length));
    return saved;
  }

  load(saved: Uint8Array): void {
    this.beforeChange?.();
    this.memory.bytes.set(saved, this.start);
  }

  clear(): void {
    this.beforeChange?.();
    this.memory.bytes.fill(0, this.start, this.start + this.layout.size);
  }
}
