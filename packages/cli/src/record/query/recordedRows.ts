import {
  CodeNames,
  codeMappingsOf,
  type FormatContext,
  formatContext,
  type InsnShape,
  type JournalReader,
  outputObserver,
  RecordedSymbols,
  ReplayReader,
  type TraceEvent,
  type TraceVisitor,
} from '@everystep/core';
import { loadDisassembler } from '../../disassembly/disassembler.ts';
import { milliseconds } from '../../host/clock.ts';
import { symbolHost } from '../../trace/symbolHost.ts';
import type { RowKind, TableBatch } from '../../trace/tables/tableBatch.ts';
import { TableFormatter } from '../../trace/tables/tableFormatter.ts';
import { guestOf } from '../openTimeline.ts';
import { recordedFileReader } from '../recordedFiles.ts';

/** A value of a row; numbers are 32 bits at most, or steps. */
export type RowValue = bigint | number | string | Uint8Array | null;

/** Takes a row, column by column in the table's order. */
export type TakeRow = (row: readonly RowValue[]) => void;

/** Reads a table's rows of one stretch after the other, in the run's order. */
export interface RowReader {
  /** Rows of the steps from `from` to before `to`. */
  read(from: number, to: number, take: TakeRow): void;
  /** No more stretches come: what is left over. */
  finish?(take: TakeRow): void;
}

/** Makes rows of a recording's tables (tables.ts), by replaying it. */
export class RecordedRows {
  private readonly replay: ReplayReader;
  private readonly symbols: RecordedSymbols;

  private constructor(
    journal: JournalReader,
    path: string,
    private readonly disassemble: (pc: number, word: number) => string,
  ) {
    const host = symbolHost(recordedFileReader(path, journal));
    this.replay = new ReplayReader({
      guest: guestOf(journal),
      journal,
      now: milliseconds,
      symbolize: (run) => {
        const names = new CodeNames(() => codeMappingsOf(run.current.process.parts), host);
        return (pc) => names.symbolize(pc);
      },
    });
    this.symbols = new RecordedSymbols(this.replay.timeline.replayer, host);
  }

  static async open(journal: JournalReader, path: string): Promise<RecordedRows> {
    const disassemble = await loadDisassembler();
    return new RecordedRows(journal, path, (pc, word) => {
      const { mnemonic, operands } = disassemble(pc, word);
      return `${mnemonic} ${operands}`;
    });
  }

  /** Instructions of the run. */
  get lastStep(): number {
    return this.replay.lastStep;
  }

  private get pid(): number {
    return this.replay.timeline.replayer.pid;
  }

  private get tid(): number {
    return this.replay.timeline.replayer.tid;
  }

  private context(withText: boolean): FormatContext {
    const { guest } = this.replay.timeline.replayer.machine;
    return formatContext(guest, withText ? this.disassemble : () => '');
  }

  /** Rows of these kinds of a trace's table. @param withText the disassembly is wanted @param rowOf makes a row of one of the table's */
  private traceRows(kinds: ReadonlySet<RowKind>, withText: boolean, rowOf: (batch: TableBatch, i: number, pid: number) => readonly RowValue[]): RowReader {
    const { replay } = this;
    const context = this.context(withText);
    return {
      read: (from, to, take) => {
        let { pid } = this;
        const formatter = new TableFormatter(replay.reader, context, {
          write: (batch) => {
            for (let i = 0; i < batch.rows; i++) if (kinds.has(batch.kind[i] as RowKind)) take(rowOf(batch, i, pid));
          },
          end: () => undefined,
        });
        replay.timeline.seek(from);
        formatter.event({ kind: 'thread', pid: this.pid, tid: this.tid });
        pid = this.pid;
        replay.read(from, to, {
          insn: (shape) => formatter.insn(shape),
          event: (event) => {
            // What there is so far is the other process's.
            if (event.kind === 'thread' && event.pid !== pid) {
              formatter.end();
              pid = event.pid;
            }
            formatter.event(event);
          },
        });
        formatter.end();
      },
    };
  }

  insns(withText: boolean): RowReader {
    return this.traceRows(new Set(['insn']), withText, ({ step, tid, pc, value, name, symbol }, i, pid) => [
      step[i],
      pid,
      tid[i],
      pc[i],
      value[i],
      name[i],
      symbol[i],
    ]);
  }

  registers(): RowReader {
    return this.traceRows(new Set(['register']), false, ({ step, tid, pc, symbol, name, size, value, high }, i, pid) => [
      ...[step[i], pid, tid[i], pc[i], symbol[i], name[i], size[i], value[i], high[i]],
    ]);
  }

  accesses(): RowReader {
    return this.traceRows(new Set(['load', 'store', 'kernel']), false, ({ step, tid, pc, symbol, kind, address, size, value, high }, i, pid) => [
      ...[step[i], pid, tid[i], pc[i], symbol[i], kind[i], address[i], size[i], value[i], high[i]],
    ]);
  }

  /** Reads stretches with a visitor that knows which thread runs. */
  private visiting(visitor: (take: TakeRow, who: Who) => TraceVisitor, finish?: (take: TakeRow) => void): RowReader {
    const { replay } = this;
    return {
      read: (from, to, take) => {
        replay.timeline.seek(from);
        const who = { pid: this.pid, tid: this.tid };
        const inner = visitor(take, who);
        replay.read(from, to, {
          ...inner,
          event: (event) => {
            if (event.kind === 'thread') Object.assign(who, { pid: event.pid, tid: event.tid });
            inner.event(event);
          },
        });
      },
      ...(finish === undefined ? {} : { finish }),
    };
  }

  syscalls(): RowReader {
    const { reader } = this.replay;
    const { syscalls } = this.context(false);
    const pending = new Map<number, readonly RowValue[]>();
    const begin = (event: Extract<TraceEvent, { kind: 'syscall' }>, { pid, tid }: Who): void => {
      const args = Array.from({ length: 6 }, (_, i) => event.args[i] ?? 0n);
      pending.set(tid, [BigInt(Math.max(reader.step - 1, 0)), pid, tid, event.number, syscalls.get(event.number) ?? 'unknown', ...args]);
    };
    return this.visiting(
      (take, who) => ({
        insn: () => undefined,
        event: (event) => {
          if (event.kind === 'syscall') begin(event, who);
          if (event.kind !== 'syscallResult') return;
          const row = pending.get(who.tid);
          pending.delete(who.tid);
          if (row !== undefined) take([...row, BigInt.asIntN(64, event.result)]);
        },
      }),
      // Those that did not come back.
      (take) => pending.forEach((row) => void take([...row, null])),
    );
  }

  calls(): RowReader {
    const { reader } = this.replay;
    let site: number | undefined;
    return this.visiting((take, who) => ({
      insn: () => undefined,
      event: (event) => {
        // Whoever runs now has not been called.
        if (event.kind === 'thread') site = undefined;
      },
      block: ({ pc, end, shapes }, completed) => {
        if (site !== undefined) take([BigInt(reader.step), who.pid, who.tid, BigInt(pc), shapes[0]?.symbol ?? '', BigInt(site)]);
        const isCall = completed === shapes.length && (end.kind === 'call' || end.kind === 'callIndirect');
        site = isCall ? shapes.at(-1)?.pc : undefined;
      },
    }));
  }

  /** Stretches of instructions up to one that goes on elsewhere, whatever the translator made of them. */
  blocks(): RowReader {
    const { reader, timeline } = this.replay;
    const { guest } = timeline.replayer.machine;
    const ends: boolean[] = [];
    const isEnd = ({ index, word }: InsnShape): boolean => {
      ends[index] ??= (guest.insnClasses?.(word) ?? []).some((each) => each === 'branch' || each === 'syscall');
      return ends[index];
    };
    let open: { readonly step: number; readonly shape: InsnShape; readonly who: Who; insns: number; next: number } | undefined;
    const close = (take: TakeRow): void => {
      if (open !== undefined) take([BigInt(open.step), open.who.pid, open.who.tid, BigInt(open.shape.pc), open.insns, open.shape.symbol ?? '']);
      open = undefined;
    };
    return this.visiting(
      (take, who) => ({
        insn: (shape) => {
          if (open !== undefined && open.next !== shape.pc) close(take);
          open ??= { step: reader.step, shape, who: { ...who }, insns: 0, next: 0 };
          open.insns++;
          open.next = shape.pc + shape.bytes;
          if (isEnd(shape)) close(take);
        },
        event: (event) => {
          if (event.kind === 'thread') close(take);
        },
      }),
      close,
    );
  }

  /** Source lines, as each begins. */
  sourceLines(): RowReader {
    const { reader } = this.replay;
    const last = new Map<number, string>();
    return this.visiting((take, who) => ({
      insn: ({ pc, symbol }) => {
        const found = this.symbols.lineAt(pc, who.pid);
        if (found === undefined) return;
        const key = `${found.line} ${found.path}`;
        if (last.get(who.tid) === key) return;
        last.set(who.tid, key);
        take([BigInt(reader.step), who.pid, who.tid, BigInt(pc), symbol ?? '', found.path, found.line]);
      },
      event: () => undefined,
    }));
  }

  /** What was written to standard output and error; nothing has to be traced for it. */
  outputs(): RowReader {
    const { timeline } = this.replay;
    const { replayer } = timeline;
    const written = [0, 0, 0];
    return {
      read: (from, to, take) => {
        timeline.seek(from);
        const { observer } = replayer;
        replayer.observer = outputObserver(replayer, ({ stream, step, length, bytes }) => {
          take([BigInt(step), replayer.pid, replayer.tid, stream, BigInt(written[stream]), bytes ?? null]);
          written[stream] += length;
        });
        try {
          while (replayer.run(to) === 'stop') {}
        } finally {
          replayer.observer = observer;
        }
      },
    };
  }
}

/** The thread that runs. */
interface Who {
  readonly pid: number;
  readonly tid: number;
}
