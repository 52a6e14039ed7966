import {
  BARE_INSN,
  CODE_LINE,
  CodeNames,
  codeMappingsOf,
  type InsnShape,
  type JournalReader,
  NOWHERE,
  outputObserver,
  type Probe,
  RecordedSymbols,
  ReplayedRun,
  ReplayReader,
  recordedGuest,
  SIZE_OF,
  type StepRange,
  type TraceVisitor,
  WHOLE_INSN,
  type Wish,
  wholeWish,
} from '@everystep/core';
import { loadDisassembler } from '../../disassembly/disassembler.ts';
import { milliseconds } from '../../host/clock.ts';
import { engineHooks } from '../../host/engineHooks.ts';
import { symbolHost } from '../../trace/symbolHost.ts';
import { BUILD } from '../../version.ts';
import { saveIndexNow } from '../indexing/indexStore.ts';
import { makeIndex } from '../indexing/makeIndex.ts';
import { packPieces } from '../indexing/packedPieces.ts';
import { withKeptIndex } from '../openTimeline.ts';
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
    private readonly progress: (step: number, of: number) => void,
  ) {
    const host = symbolHost(recordedFileReader(path, journal));
    const make = (): ReplayReader =>
      new ReplayReader({
        guest: recordedGuest(journal),
        journal,
        machine: { hooks: engineHooks() },
        now: milliseconds,
        build: BUILD,
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
  async prepare(to: number): Promise<void> {
    if (this.wantsIndex(to)) await makeIndex(this.path, this.replay.timeline, { progress: this.progress });
  }

  /** The same, for who cannot wait: one thread makes it. */
  prepareNow(to: number): void {
    const { timeline } = this.replay;
    if (!this.wantsIndex(to)) return;
    timeline.complete();
    saveIndexNow(this.path, [packPieces(timeline.save())]);
  }

  private wantsIndex(to: number): boolean {
    return !this.replay.timeline.isComplete && to >= WORTH_AN_INDEX;
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
    // What ran is known only as far as the run has been gone through.
    timeline.seek(Math.min(step, timeline.lastStep));
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

  insns({ pcs }: RowFilter, withText: boolean): RowReader {
    const { reader } = this.replay;
    /** By the number of the instruction's shape. */
    const texts: (string | undefined)[] = [];
    const textOf = ({ index, pc, word }: InsnShape): string => {
      texts[index] ??= this.disassemble(pc, word).trimEnd();
      return texts[index];
    };
    return this.visiting(this.wishFor(pcs, 'blocks'), (take, who) => ({
      insn: (shape) =>
        take([BigInt(reader.step), who.pid, who.tid, BigInt(shape.pc), BigInt(shape.word >>> 0), withText ? textOf(shape) : '', shape.symbol ?? '']),
      event: () => undefined,
    }));
  }

  registers({ pcs }: RowFilter): RowReader {
    const { reader } = this.replay;
    const { registers } = reader.layout;
    const datum = new Datum();
    let last = NOWHERE_YET;
    return this.visiting(this.wishFor(pcs, 'values'), (take, who) => {
      const row = (step: number, { pc, symbol = '' }: CodePlace, name: string, words: ArrayLike<number>, at: number, bytes: number): void => {
        const [value, high] = datum.of(words, at, bytes);
        take([BigInt(step), who.pid, who.tid, BigInt(pc), symbol, name, bytes, value, high]);
      };
      return {
        insn(shape) {
          last = shape;
          const { values, step } = reader;
          for (const { register, at } of shape.outputs) row(step, shape, registers[register].name, values, at, SIZE_OF[registers[register].type]);
          if (shape.flagsOut !== NOWHERE) row(step, shape, 'nzcv', [values[shape.flagsOut] >>> 28], 0, 4);
        },
        event(event) {
          if (event.kind !== 'syscallResult') return;
          for (const { register, words } of event.changes)
            if (registers[register].visible) row(stepBefore(reader), last, registers[register].name, words, 0, words.length * 4);
        },
      };
    });
  }

  accesses({ pcs }: RowFilter): RowReader {
    const { reader } = this.replay;
    const datum = new Datum();
    let last = NOWHERE_YET;
    return this.visiting(this.wishFor(pcs, 'values'), (take, who) => ({
      insn(shape) {
        last = shape;
        const { pc, symbol = '', accesses } = shape;
        const { values, step } = reader;
        for (const { store, bytes, address, datum: at, condition } of accesses) {
          if (condition !== NOWHERE && values[condition] === 0) continue;
          const [start] = datum.of(values, address, 8);
          const [value, high] = datum.of(values, at, bytes);
          take([BigInt(step), who.pid, who.tid, BigInt(pc), symbol, store ? 'store' : 'load', start, bytes, value, high]);
        }
      },
      event(event) {
        if (event.kind !== 'kernelWrite') return;
        const { pc, symbol = '' } = last;
        for (let at = 0; at < event.data.length; at += 8) {
          const piece = event.data.subarray(at, at + 8);
          take([
            BigInt(stepBefore(reader)),
            who.pid,
            who.tid,
            BigInt(pc),
            symbol,
            'kernel',
            BigInt(event.address + at),
            piece.length,
            datum.ofBytes(piece),
            0n,
          ]);
        }
      },
    }));
  }

  /** Reads stretches with a visitor that knows which thread runs, and looks at no registers but those of its instructions. */
  private visiting(wish: Wish, visitor: (take: TakeRow, who: Who) => TraceVisitor, finish?: (take: TakeRow) => void): RowReader {
    const { replay } = this;
    return {
      read: (from, to, take) => {
        const { replayer } = replay.timeline;
        replay.timeline.seek(from);
        const who = { pid: replayer.pid, tid: replayer.tid };
        const inner = visitor(take, who);
        const following: TraceVisitor = {
          ...inner,
          looksAtState: false,
          event: (event) => {
            if (event.kind === 'thread') Object.assign(who, { pid: event.pid, tid: event.tid });
            inner.event(event);
          },
        };
        replay.read(from, to, following, undefined, wish);
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
    return this.visiting(BLOCKS, (take, who) => ({
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
      BLOCKS,
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
    return this.visiting(BLOCKS, (take, who) => ({
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

/** The step that what the kernel does belongs to. */
const stepBefore = ({ step }: { readonly step: number }): number => Math.max(step - 1, 0);

type CodePlace = Pick<InsnShape, 'pc' | 'symbol'>;
/** Before the first instruction. */
const NOWHERE_YET: CodePlace = { pc: 0, symbol: '' };

/** Makes values of words or bytes: the low and the high 64 bits. */
class Datum {
  private readonly bytes = new Uint8Array(16);
  private readonly words = new Int32Array(this.bytes.buffer);
  private readonly longs = new BigUint64Array(this.bytes.buffer);

  of(words: ArrayLike<number>, at: number, bytes: number): readonly [bigint, bigint] {
    this.words.fill(0);
    for (let i = 0; i * 4 < bytes; i++) this.words[i] = words[at + i];
    return [this.longs[0], this.longs[1]];
  }

  /** At most 8. */
  ofBytes(bytes: Uint8Array): bigint {
    this.words.fill(0);
    this.bytes.set(bytes);
    return this.longs[0];
  }
}

/** The thread that runs. */
interface Who {
  readonly pid: number;
  readonly tid: number;
}
