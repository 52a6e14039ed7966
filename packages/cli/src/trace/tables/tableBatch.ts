/** What a row tells. */
export const ROW_KINDS = ['insn', 'register', 'load', 'store', 'syscall', 'kernel', 'signal'] as const;
export type RowKind = (typeof ROW_KINDS)[number];

/**
 * Rows of a trace as a table, column by column. An instruction has a row of its own, then one for each register that it wrote and
 * for each memory access:
 *
 *     kind      name                address  size              value (high: bits 64..127)
 *     insn      disassembly         pc       bytes             instruction word
 *     register  register            0        bytes             value after the instruction
 *     load      ''                  address  bytes             datum
 *     store     ''                  address  bytes             datum
 *     syscall   name                0        0                 number; its results follow as registers
 *     kernel    ''                  address  1 to 8            what the kernel wrote there
 *     signal    its text            address  0                 number
 *
 * `step`, `tid` (0: the first thread, before any other ran), `pc` and `symbol` (the function, or '') are those of the instruction.
 */
export class TableBatch {
  /** Of each column so many count. */
  rows = 0;
  readonly step: BigInt64Array<ArrayBuffer>;
  readonly tid: Int32Array<ArrayBuffer>;
  readonly pc: BigUint64Array<ArrayBuffer>;
  readonly kind: string[];
  readonly name: string[];
  readonly symbol: string[];
  readonly address: BigUint64Array<ArrayBuffer>;
  readonly size: Int32Array<ArrayBuffer>;
  readonly value: BigUint64Array<ArrayBuffer>;
  readonly high: BigUint64Array<ArrayBuffer>;

  constructor(readonly capacity: number) {
    this.step = new BigInt64Array(capacity);
    this.tid = new Int32Array(capacity);
    this.pc = new BigUint64Array(capacity);
    this.kind = new Array<string>(capacity).fill('');
    this.name = new Array<string>(capacity).fill('');
    this.symbol = new Array<string>(capacity).fill('');
    this.address = new BigUint64Array(capacity);
    this.size = new Int32Array(capacity);
    this.value = new BigUint64Array(capacity);
    this.high = new BigUint64Array(capacity);
  }
}

/** Takes a table in batches. */
export interface TableSink {
  /** @param batch valid during the call only */
  write(batch: TableBatch): void;
  /** No more rows come. */
  end(): void;
}
