import { SIZE_OF } from '../ir/index.ts';
import { type InsnShape, NOWHERE } from './program.ts';
import type { TraceReader, TraceVisitor } from './reader.ts';

/** Counts instructions and hashes their values: equal for two traces of the same run, whatever their form. */
export class TraceHash implements TraceVisitor {
  readonly looksAtState = false;
  insns = 0;
  private a = 0x811c_9dc5 | 0;
  private b = 0x9e37_79b9 | 0;

  constructor(private readonly reader: TraceReader) {}

  insn(shape: InsnShape): void {
    const { reader } = this;
    const { values } = reader;
    const { registers } = reader.layout;
    this.insns++;
    this.mix(shape.pc | 0);
    this.mix(shape.word);
    for (const { register, at } of shape.outputs) {
      const words = SIZE_OF[registers[register].type] >> 2;
      for (let i = 0; i < words; i++) this.mix(values[at + i]);
    }
    if (shape.flagsOut !== NOWHERE) this.mix(values[shape.flagsOut]);
    for (const { bytes, address, datum, condition } of shape.accesses) {
      if (condition !== NOWHERE && values[condition] === 0) continue;
      this.mix(values[address]);
      this.mix(values[address + 1]);
      if (datum === NOWHERE) continue;
      this.mix(values[datum]);
      for (let i = 1; i < bytes >> 2; i++) this.mix(values[datum + i]);
    }
  }

  event(): void {}

  /** 16 hexadecimal digits. */
  get digest(): string {
    return (this.a >>> 0).toString(16).padStart(8, '0') + (this.b >>> 0).toString(16).padStart(8, '0');
  }

  private mix(word: number): void {
    this.a = Math.imul(this.a ^ word, 0x0100_0193);
    this.b = (Math.imul((this.b << 13) | (this.b >>> 19), 5) + (word ^ this.a)) | 0;
  }
}
