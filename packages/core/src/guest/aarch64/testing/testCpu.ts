import { type Block, Evaluator, IrBuilder } from '../../../ir/index.ts';
import { createAArch64 } from '../aarch64.ts';

const STATE_BYTES = 4096;
const MEMORY_START = 0x1000n;

/** A CPU for tests: instructions are evaluated one by one. */
export class TestCpu {
  /** Guest memory from 0x1000 on; everything else faults. */
  readonly memory = new Uint8Array(256);
  private readonly guest = createAArch64('max');
  private readonly state = new DataView(new ArrayBuffer(STATE_BYTES));
  private readonly ir = new IrBuilder();
  private readonly evaluator = new Evaluator({
    layout: this.guest.state,
    state: this.state,
    stateOffset: 0,
    input: () => 0n,
    memory: {
      load: (address, bytes) => {
        const at = Number(address - MEMORY_START);
        if (at < 0 || at + bytes > this.memory.length) return { faultAddress: address };
        return this.memory.subarray(at, at + bytes).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
      },
      store: (address, bytes, value) => {
        const at = Number(address - MEMORY_START);
        if (at < 0 || at + bytes > this.memory.length) return { faultAddress: address };
        for (let i = 0; i < bytes; i++) this.memory[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
        return undefined;
      },
    },
  });

  /** Evaluates one instruction. @returns what the evaluator says of it: 'jump' where it completed */
  run(word: number): string {
    this.ir.buffer.reset();
    const { insns, bytes } = this.guest.translateBlock(this.ir, { pc: 0x8000, maxInsns: 1, fetch: () => word });
    const { terminator } = this.ir;
    if (terminator === undefined) throw new Error('the block does not end');
    const block: Block = { pc: 0x8000, start: 0, end: this.ir.buffer.length, insns, bytes, terminator };
    return this.evaluator.run(this.ir.buffer, block).kind;
  }

  /** V[n] as an unsigned integer of 128 bits. */
  v(n: number): bigint {
    const { offset } = this.guest.state.get(`v${n}`);
    return this.state.getBigUint64(offset, true) | (this.state.getBigUint64(offset + 8, true) << 64n);
  }
  setV(n: number, value: bigint): void {
    const { offset } = this.guest.state.get(`v${n}`);
    this.state.setBigUint64(offset, BigInt.asUintN(64, value), true);
    this.state.setBigUint64(offset + 8, BigInt.asUintN(64, value >> 64n), true);
  }
  x(n: number): bigint {
    return this.state.getBigUint64(this.guest.state.get(`x${n}`).offset, true);
  }
  setX(n: number, value: bigint): void {
    this.state.setBigUint64(this.guest.state.get(`x${n}`).offset, value, true);
  }
  get fpsr(): number {
    return this.state.getUint32(this.guest.state.get('fpsr').offset, true);
  }
  set fpsr(value: number) {
    this.state.setUint32(this.guest.state.get('fpsr').offset, value, true);
  }
}

/** A vector from its elements, the lowest first. */
export const vectorOf = (bits: number, elements: readonly (number | bigint)[]): bigint =>
  elements.reduceRight<bigint>((value, element) => (value << BigInt(bits)) | BigInt.asUintN(bits, BigInt(element)), 0n);

/** The elements of a vector, unsigned, the lowest first. */
export const elementsOf = (bits: number, vector: bigint): bigint[] =>
  Array.from({ length: 128 / bits }, (_, i) => BigInt.asUintN(bits, vector >> BigInt(bits * i)));
