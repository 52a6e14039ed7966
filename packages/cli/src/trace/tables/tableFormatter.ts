import { type FormatContext, high32, type InsnShape, NOWHERE, SIZE_OF, type TraceEvent, type TraceFormatter, type TraceReader } from '@everystep/core';
import { type RowKind, TableBatch, type TableSink } from './tableBatch.ts';

/** Rows of a batch: a row group of Parquet, a record batch of Arrow. */
const BATCH_ROWS = 0x2_0000;

/** Turns a trace into rows. */
export class TableFormatter implements TraceFormatter {
  readonly looksAtState = false;
  private readonly batch = new TableBatch(BATCH_ROWS);
  /** 64-bit columns as words, the low one first. */
  private readonly words: {
    readonly step: Int32Array;
    readonly pc: Int32Array;
    readonly address: Int32Array;
    readonly value: Int32Array;
    readonly high: Int32Array;
  };
  private readonly disassembly: (string | undefined)[] = [];
  private tid = 0;
  private pc = 0;
  private symbol = '';
  /** Of the row that is being written. */
  private readonly datum = new Int32Array(4);

  constructor(
    private readonly reader: TraceReader,
    private readonly context: FormatContext,
    private readonly sink: TableSink,
  ) {
    const { step, pc, address, value, high } = this.batch;
    const asWords = ({ buffer }: { readonly buffer: ArrayBuffer }): Int32Array => new Int32Array(buffer);
    this.words = { step: asWords(step), pc: asWords(pc), address: asWords(address), value: asWords(value), high: asWords(high) };
  }

  insn(shape: InsnShape): void {
    const { reader, context, datum } = this;
    const { values, step } = reader;
    let text = this.disassembly[shape.index];
    if (text === undefined) {
      text = context.disassemble(shape.pc, shape.word).trimEnd();
      this.disassembly[shape.index] = text;
    }
    this.pc = shape.pc;
    this.symbol = shape.symbol ?? '';
    datum.fill(0);
    datum[0] = shape.word;
    this.row('insn', step, text, shape.pc | 0, high32(shape.pc), shape.bytes);
    for (const { register, at } of shape.outputs) {
      const { name, type } = context.state.registers[register];
      this.take(values, at, SIZE_OF[type]);
      this.row('register', step, name, 0, 0, SIZE_OF[type]);
    }
    if (shape.flagsOut !== NOWHERE) {
      datum.fill(0);
      datum[0] = values[shape.flagsOut] >>> 28;
      this.row('register', step, 'nzcv', 0, 0, 4);
    }
    for (const { store, bytes, address, datum: at, condition } of shape.accesses) {
      if (condition !== NOWHERE && values[condition] === 0) continue;
      this.take(values, at, bytes);
      this.row(store ? 'store' : 'load', step, '', values[address], values[address + 1], bytes);
    }
  }

  event(event: TraceEvent): void {
    // What the kernel does belongs to the instruction before.
    const step = Math.max(this.reader.step - 1, 0);
    const { datum, context } = this;
    datum.fill(0);
    switch (event.kind) {
      case 'thread':
        this.tid = event.tid;
        return;
      case 'syscall':
        datum[0] = event.number;
        return this.row('syscall', step, context.syscalls.get(event.number) ?? 'unknown', 0, 0, 0);
      case 'syscallResult':
        for (const { register, words } of event.changes) {
          const { name, visible } = context.state.registers[register];
          if (!visible) continue;
          this.take(words, 0, words.length * 4);
          this.row('register', step, name, 0, 0, words.length * 4);
        }
        return;
      case 'kernelWrite':
        return this.kernelWrite(step, event.address, event.data);
      case 'signal':
        this.pc = event.pc;
        this.symbol = '';
        datum[0] = event.signal;
        return this.row('signal', this.reader.step, event.text, Number(BigInt.asIntN(32, event.address)), Number(BigInt.asIntN(32, event.address >> 32n)), 0);
      default:
        return;
    }
  }

  end(): void {
    this.flush();
    this.sink.end();
  }

  private kernelWrite(step: number, address: number, data: Uint8Array): void {
    for (let at = 0; at < data.length; at += 8) {
      const piece = data.subarray(at, at + 8);
      this.datum.fill(0);
      new Uint8Array(this.datum.buffer).set(piece);
      const from = address + at;
      this.row('kernel', step, '', from | 0, high32(from), piece.length);
    }
  }

  /** The low `bytes` bytes of the words at `at`, which are zero above. */
  private take(words: ArrayLike<number>, at: number, bytes: number): void {
    const { datum } = this;
    datum.fill(0);
    for (let i = 0; i * 4 < bytes; i++) datum[i] = words[at + i];
  }

  private row(kind: RowKind, step: number, name: string, addressLow: number, addressHigh: number, size: number): void {
    const { batch, words, datum } = this;
    if (batch.rows === BATCH_ROWS) this.flush();
    const row = batch.rows++;
    const at = row * 2;
    words.step[at] = step | 0;
    words.step[at + 1] = high32(step);
    batch.tid[row] = this.tid;
    words.pc[at] = this.pc | 0;
    words.pc[at + 1] = high32(this.pc);
    batch.kind[row] = kind;
    batch.name[row] = name;
    batch.symbol[row] = this.symbol;
    words.address[at] = addressLow;
    words.address[at + 1] = addressHigh;
    batch.size[row] = size;
    words.value[at] = datum[0];
    words.value[at + 1] = datum[1];
    words.high[at] = datum[2];
    words.high[at + 1] = datum[3];
  }

  private flush(): void {
    if (this.batch.rows > 0) this.sink.write(this.batch);
    this.batch.rows = 0;
  }
}
