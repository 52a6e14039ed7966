import {
  BARE_INSN,
  CODE_LINE,
  CodeNames,
  codeMappingsOf,
  type FormatContext,
  formatContext,
  type InsnShape,
  type JournalReader,
  outputObserver,
  type Probe,
  RecordedSymbols,
  ReplayedRun,
  ReplayReader,
  type StepRange,
  type TraceVisitor,
  WHOLE_INSN,
  type Wish,
  wholeWish,
} from '@everystep/core';
import { loadDisassembler } from '../../disassembly/disassembler.ts';
import { milliseconds } from '../../host/clock.ts';
import { symbolHost } from '../../trace/symbolHost.ts';
import type { RowKind, TableBatch } from '../../trace/tables/tableBatch.ts';
import { TableFormatter } from '../../trace/tables/tableFormatter.ts';
import { saveIndex } from '../indexStore.ts';
import { guestOf, withKeptIndex } from '../openTimeline.ts';
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

/** Which rows are wanted, as far as a replay can make use of it: others may come, too. */
export interface RowFilter {
  readonly steps: StepRange;
  /** Addresses of instructions; undefined: any. */
  readonly pcs: readonly StepRange[] | undefined;
  readonly pid: number | undefined;
  readonly tid: number | undefined;
}

/** Which instructions were executed, without values. */
const BLOCKS = wholeWish('blocks');
/** Addresses of instructions that are looked for in the index: not more than so many bytes of code. */
const MOST_CODE = 4096;
/** Going through the run for the first time pays from so many steps on. */
const WORTH_AN_INDEX = 10_000_000;

/** Makes rows of a recording's tables (tables.ts), by replaying it. */
export class RecordedRows {
  private readonly replay: ReplayReader;
  private readonly symbols: RecordedSymbols;

  private constructor(
    journal: JournalReader,
    private readonly path: string,
    private readonly disassemble: (pc: number, word: number) => string,
    progress: (step: number, of: number) => void,
  ) {
    const host = symbolHost(recordedFileReader(path, journal));
    const make = (): ReplayReader =>
      new ReplayReader({
        guest: guestOf(journal),
        journal,
        now: milliseconds,
        progress,
        symbolize: (run) => {
          const names = new CodeNames(() => codeMappingsOf(run.current.process.parts), host);
          return (pc) => names.symbolize(pc);
        },
      });
    this.replay = withKeptIndex(path, make, ({ timeline }) => timeline);
    this.symbols = new RecordedSymbols(this.replay.timeline.replayer, host);
  }

  /** Has an index if steps are asked for that lie far ahead. */
  prepare(to: number): void {
    const { timeline } = this.replay;
    if (timeline.isComplete || to < WORTH_AN_INDEX) return;
    timeline.complete();
    saveIndex(this.path, timeline);
  }

  /** What of a filter's steps, from one on, may have a wanted row; undefined: nothing any more. */
  nextStretch({ steps, pcs, pid, tid }: RowFilter, from: number): StepRange | undefined {
    const code = pcs?.reduce((sum, range) => sum + range.to - range.from, 0) ?? Number.POSITIVE_INFINITY;
    const probes: Probe[] = [];
    if (pcs !== undefined && code <= MOST_CODE)
      for (const range of pcs) for (let pc = range.from; pc < range.to; pc = (Math.floor(pc / CODE_LINE) + 1) * CODE_LINE) probes.push({ kind: 'execute', pc });
    return this.replay.timeline.nextStretch(code <= MOST_CODE ? probes : undefined, Math.max(from, steps.from), steps.to, {
      ...(pid === undefined ? {} : { pid }),
      ...(tid === undefined ? {} : { tid }),
    });
  }

  /** Where functions of this name lie in any program that runs before a step. */
  codeOf(name: string, step: number): readonly StepRange[] {
    const { timeline } = this.replay;
    const found = this.symbols.findBefore(name, step, (other) => timeline.seek(other));
    return found.filter(({ size }) => size > 0).map(({ address, size }) => ({ from: address, to: address + size }));
  }

  /** The wish for instructions at these addresses, and for those that call the kernel: what that does belongs to them. */
  private wishFor(pcs: readonly StepRange[] | undefined, level: 'blocks' | 'values'): Wish {
    if (pcs === undefined) return wholeWish(level);
    const { guest } = this.replay.timeline.replayer.machine;
    const detail = level === 'values' ? WHOLE_INSN : BARE_INSN;
    const isWanted = (pc: number): boolean => pcs.some(({ from, to }) => pc >= from && pc < to);
    const calls = (word: number): boolean => guest.insnClasses?.(word).includes('syscall') === true;
    return {
      key: `rows ${level} ${JSON.stringify(pcs)}`,
      level,
      isWhole: false,
      insn: ({ pc, word }) => (isWanted(pc) || calls(word) ? detail : undefined),
    };
  }

  /** @param progress is told of the step that has been reached, and how many there are */
  static async open(journal: JournalReader, path: string, progress: (step: number, of: number) => void): Promise<RecordedRows> {
    const disassemble = await loadDisassembler();
    const textOf = (pc: number, word: number): string => {
      const { mnemonic, operands } = disassemble(pc, word);
      return `${mnemonic} ${operands}`;
    };
    return new RecordedRows(journal, path, textOf, progress);
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
  private traceRows(
    kinds: ReadonlySet<RowKind>,
    wish: Wish,
    withText: boolean,
    rowOf: (batch: TableBatch, i: number, pid: number) => readonly RowValue[],
  ): RowReader {
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
        const visitor: TraceVisitor = {
          looksAtState: false,
          insn: (shape) => formatter.insn(shape),
          event: (event) => {
            // What there is so far is the other process's.
            if (event.kind === 'thread' && event.pid !== pid) {
              formatter.end();
              pid = event.pid;
            }
            formatter.event(event);
          },
        };
        replay.read(from, to, visitor, undefined, wish);
        formatter.end();
      },
    };
  }

  insns({ pcs }: RowFilter, withText: boolean): RowReader {
    return this.traceRows(new Set(['insn']), this.wishFor(pcs, 'blocks'), withText, ({ step, tid, pc, value, name, symbol }, i, pid) => [
      step[i],
      pid,
      tid[i],
      pc[i],
      value[i],
      name[i],
      symbol[i],
    ]);
  }

  registers({ pcs }: RowFilter): RowReader {
    return this.traceRows(new Set(['register']), this.wishFor(pcs, 'values'), false, ({ step, tid, pc, symbol, name, size, value, high }, i, pid) => [
      ...[step[i], pid, tid[i], pc[i], symbol[i], name[i], size[i], value[i], high[i]],
    ]);
  }

  accesses({ pcs }: RowFilter): RowReader {
    return this.traceRows(
      new Set(['load', 'store', 'kernel']),
      this.wishFor(pcs, 'values'),
      false,
      ({ step, tid, pc, symbol, kind, address, size, value, high }, i, pid) => [
        ...[step[i], pid, tid[i], pc[i], symbol[i], kind[i], address[i], size[i], value[i], high[i]],
      ],
    );
  }

  /** Reads stretches with a visitor that knows which thread runs. */
  private visiting(visitor: (take: TakeRow, who: Who) => TraceVisitor, finish?: (take: TakeRow) => void): RowReader {
    const { replay } = this;
    return {
      read: (from, to, take) => {
        replay.timeline.seek(from);
        const who = { pid: this.pid, tid: this.tid };
        const inner = visitor(take, who);
        const following: TraceVisitor = {
          ...inner,
          looksAtState: false,
          event: (event) => {
            if (event.kind === 'thread') Object.assign(who, { pid: event.pid, tid: event.tid });
            inner.event(event);
          },
        };
        replay.read(from, to, following, undefined, BLOCKS);
      },
      ...(finish === undefined ? {} : { finish }),
    };
  }

  /** Nothing has to be traced for these, and only stretches with calls are gone through. */
  syscalls(): RowReader {
    const { timeline } = this.replay;
    const { replayer } = timeline;
    /** Calls that have not returned, by thread. */
    const pending = new Map<number, readonly RowValue[]>();
    let take: TakeRow = () => undefined;
    const run = new ReplayedRun(replayer, {
      enter({ thread: { tid, process }, number, name, args }) {
        pending.set(tid, [
          BigInt(Math.max(replayer.steps - 1, 0)),
          process.pid,
          tid,
          number,
          name ?? 'unknown',
          ...Array.from({ length: 6 }, (_, i) => args[i] ?? 0n),
        ]);
      },
      leave({ thread: { tid } }, result) {
        const row = pending.get(tid);
        pending.delete(tid);
        if (row !== undefined) take([...row, result === undefined ? null : BigInt.asIntN(64, result)]);
      },
    });
    return {
      read(from, to, taker) {
        take = taker;
        timeline.seek(from);
        run.goOn(true);
        const sought = (): readonly Probe[] => [{ kind: 'syscall' }, ...[...pending.keys()].map((tid): Probe => ({ kind: 'thread', tid }))];
        timeline.goThrough(from, to, { observer: run, sought, skipped: () => run.goOn(true) });
      },
      // Those that did not come back.
      finish: (taker) => pending.forEach((row) => void taker([...row, null])),
    };
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
    let written: [number, number] | undefined;
    return {
      read: (from, to, take) => {
        const before: [number, number] = written ?? [timeline.outputBefore(1, from), timeline.outputBefore(2, from)];
        written = before;
        const observer = outputObserver(replayer, ({ stream, step, length, bytes }) => {
          take([BigInt(step), replayer.pid, replayer.tid, stream, BigInt(before[stream - 1]), bytes ?? null]);
          before[stream - 1] += length;
        });
        timeline.goThrough(from, to, {
          observer,
          sought: () => [
            { kind: 'output', stream: 1 },
            { kind: 'output', stream: 2 },
          ],
        });
      },
    };
  }
}

/** The thread that runs. */
interface Who {
  readonly pid: number;
  readonly tid: number;
}
