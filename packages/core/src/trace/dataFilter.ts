import { fromHalves } from '../base/index.ts';
import type { StateLayout } from '../ir/index.ts';
import { type BlockProgram, type InsnShape, NOWHERE } from './program.ts';
import { TraceReader, type TraceVisitor } from './reader.ts';
import type { AddressSpan } from './wish.ts';

/** Which data instructions have to access to be in a trace. */
export interface WantedData {
  readonly spans: readonly AddressSpan[];
  readonly state: StateLayout;
  /** See Guest. */
  readonly ignoredTopBits: number;
}

/** Finds the instructions of records that access some data. Records stand on their own. */
export class DataFilter implements TraceVisitor {
  /** Of the last record: a bit for each instruction, from the lowest of the first word on. */
  mask: number[] = [];
  /** As many bits are set. */
  found = 0;
  private readonly reader: TraceReader;
  private readonly topValue: number;
  /** Index of the block's first instruction among all of the trace. */
  private first = 0;
  private completed = 0;

  constructor(private readonly data: WantedData) {
    this.reader = new TraceReader(data.state);
    this.topValue = 2 ** (64 - data.ignoredTopBits);
  }

  define(definitions: Uint8Array): void {
    this.reader.define(definitions);
  }

  /** Looks at a record. @param completed how many of the block's instructions ran */
  look(record: Uint8Array, completed: number): void {
    this.completed = completed;
    this.reader.read(record, this);
  }

  block({ shapes }: BlockProgram): void {
    const at = shapes.findIndex((shape) => shape !== undefined);
    this.first = (shapes[at]?.index ?? 0) - at;
    this.mask = new Array<number>((shapes.length + 31) >> 5).fill(0);
    this.found = 0;
  }

  insn(shape: InsnShape): void {
    const insn = shape.index - this.first;
    if (insn >= this.completed || !this.accesses(shape)) return;
    this.mask[insn >> 5] = (this.mask[insn >> 5] as number) | (1 << (insn & 31));
    this.found++;
  }

  event(): void {}

  private accesses({ accesses }: InsnShape): boolean {
    const { values } = this.reader;
    return accesses.some(({ bytes, address, condition }) => {
      if (condition !== NOWHERE && values[condition] === 0) return false;
      const at = fromHalves(values[address] as number, values[address + 1] as number) % this.topValue;
      return this.data.spans.some(({ start, end }) => at <= end && at + bytes > start);
    });
  }
}
