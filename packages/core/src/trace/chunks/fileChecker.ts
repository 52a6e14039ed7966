import { AssertionError } from '../../base/index.ts';
import type { Guest } from '../../guest/index.ts';
import { SIZE_OF } from '../../ir/index.ts';
import { TraceChecker } from '../checker.ts';
import { snapshotStep } from '../events.ts';
import { withValues } from '../expandLoads.ts';
import { TraceHash } from '../hash.ts';
import type { InsnShape } from '../program.ts';
import { TraceReader, type TraceVisitor } from '../reader.ts';
import type { FormatSink } from '../sink.ts';
import { RecordWalker } from '../walker.ts';
import { TraceDamage, type TraceKey } from './chunkFile.ts';
import type { ChunkFileVisitor } from './chunkFileParser.ts';
import type { TraceHeader, TraceTotals } from './header.ts';

/**
 * Checks that what a chunk file says of itself holds (docs/trace-files.md), beside what the parser and TraceChecker check:
 * - a chunk begins at the step that its head says, and has as many instructions, and wanted ones;
 * - a key is the state that follows from the records before it, flags by their meaning;
 * - the end's totals are those of the chunks.
 */
export class ChunkFileChecker implements ChunkFileVisitor {
  /** The first few problems, one line each, in the order of the file. */
  readonly problems: string[] = [];
  private reader: TraceReader | undefined;
  private hash: TraceHash | undefined;
  private checker: TraceChecker | undefined;
  private readonly walker = new RecordWalker();
  private sink: FormatSink | undefined;
  private ownProblems = 0;
  private told = 0;
  /** No records have come yet: old ones may have been dropped. */
  private isFirst = true;
  private standsAlone = false;
  /** A key at the start of the file, at a step that is not the first. */
  private firstKey: TraceKey | undefined;

  /** @param guestOf the guest of a trace, with the trace's state layout; throws UserError if there is none */
  constructor(private readonly guestOf: (header: TraceHeader) => Guest) {}

  get insns(): number {
    return this.checker?.insns ?? 0;
  }

  get digest(): string {
    return this.hash?.digest ?? '';
  }

  get problemCount(): number {
    return (this.checker?.problemCount ?? 0) + this.ownProblems;
  }

  header(header: TraceHeader): void {
    this.standsAlone = header.filtered;
    const guest = this.guestOf(header);
    const reader = new TraceReader(guest.state);
    const checker = new TraceChecker(reader, { syscalls: guest.linux.syscalls, ignoredTopBits: guest.ignoredTopBits });
    const hash = new TraceHash(reader);
    [this.reader, this.checker, this.hash] = [reader, checker, hash];
    const visitor: TraceVisitor = {
      insn: (shape: InsnShape) => {
        checker.insn(shape);
        hash.insn(shape);
      },
      event: (event) => checker.event(event),
      block: (program, completed) => checker.block(program, completed),
      skip: (insns) => checker.skip(insns),
    };
    this.sink = withValues(header, guest, {
      define: (definitions) => reader.define(definitions),
      records: (records) => reader.read(records, visitor),
      resume: (step, state) => reader.resume(step, state),
      isOver: false,
      end: () => undefined,
      totals: this.walker,
    });
  }

  define(definitions: Uint8Array): void {
    this.walker.table.define(definitions);
    this.sink?.define(definitions);
  }

  key(key: TraceKey): void {
    const { reader } = this;
    if (reader === undefined) return;
    if (this.isFirst && key.step > 0 && this.firstKey === undefined) {
      this.firstKey = key;
      return;
    }
    if (key.step !== reader.step) return this.problem(`the key at step ${key.step} stands where step ${reader.step} is`);
    const follows = new TraceReader(reader.layout);
    follows.resume(key.step, key.state);
    for (const { name, visible, offset, type } of reader.layout.registers) {
      if (!visible) continue;
      const words = SIZE_OF[type] >> 2;
      for (let i = 0; i < words; i++) {
        if (follows.state[(offset >> 2) + i] !== reader.state[(offset >> 2) + i])
          return this.problem(`the key at step ${key.step} has another ${name} than the records before it`);
      }
    }
    const flags = reader.layout.flags.a.offset >> 2;
    if (follows.state[flags] !== reader.state[flags]) this.problem(`the key at step ${key.step} has other flags than the records before it`);
  }

  mappings(events: Uint8Array): void {
    const { reader } = this;
    if (reader === undefined) return;
    const seen = (kind: string): void => {
      if (kind !== 'program' && kind !== 'mapping') this.problem(`what is told of mapped files before step ${reader.step} has a ${kind}`);
    };
    new TraceReader(reader.layout).read(events, { looksAtState: false, insn: () => seen('block'), event: ({ kind }) => seen(kind) });
  }

  records(
    records: Uint8Array,
    { offset, step, insns, wanted }: { readonly offset: number; readonly step: number; readonly insns: number; readonly wanted: number },
  ): void {
    const { reader, walker, sink } = this;
    if (reader === undefined || sink === undefined) return;
    if (this.isFirst && this.standsAlone) this.begin(step, undefined);
    const { firstKey } = this;
    this.isFirst = false;
    this.firstKey = undefined;
    if (firstKey !== undefined) {
      // Before it, old chunks have been dropped; else it would stand before the first snapshot.
      if (snapshotStep(records) === undefined) this.begin(firstKey.step, firstKey.state);
      else this.key(firstKey);
    }
    const where = `the chunk at byte ${offset}`;
    if (step !== (snapshotStep(records) ?? reader.step)) this.problem(`${where} begins at step ${step}, where ${reader.step} should`);
    const before = { insns: walker.insns, wanted: walker.wanted };
    try {
      walker.walk(records);
      sink.records(records);
    } catch (error) {
      if (error instanceof AssertionError) throw new TraceDamage(`${where}: ${error.message}`);
      throw error;
    }
    if (walker.insns - before.insns !== insns) this.problem(`${where} says that it has ${insns} instructions, and has ${walker.insns - before.insns}`);
    if (walker.wanted - before.wanted !== wanted)
      this.problem(`${where} says that it has ${wanted} traced instructions, and has ${walker.wanted - before.wanted}`);
    this.takeProblems();
  }

  private begin(step: number, state: Uint8Array | undefined): void {
    this.sink?.resume(step, state);
    this.walker.step = step;
  }

  end({ step, insns, wanted }: TraceTotals): void {
    const { walker } = this;
    if (step !== walker.step) this.problem(`the end mark says step ${step}, the chunks end at ${walker.step}`);
    if (insns !== walker.insns || wanted !== walker.wanted)
      this.problem(`the end mark says ${insns} instructions, ${wanted} of them traced; the chunks have ${walker.insns}, and ${walker.wanted}`);
  }

  private problem(text: string): void {
    this.ownProblems++;
    this.problems.push(text);
  }

  /** Those that were found in the chunk. */
  private takeProblems(): void {
    const found = this.checker?.problems ?? [];
    this.problems.push(...found.slice(this.told));
    this.told = found.length;
  }
}
