import { ByteWriter } from '../../base/index.ts';
import type { TraceEvent } from '../events.ts';
import type { BlockProgram } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * Covered blocks in DynamoRIO's drcov format, version 2, for Lighthouse, Cartographer and bncov: the files in memory, then a record
 * of 8 bytes for each block that ran, once:
 *
 *     u32 offset from the file's first address in memory  u16 bytes  u16 number of the file
 *
 * Blocks of code that belongs to no file are left out. Of blocks that overlap, each is there.
 */
export function createDrcovFormatter(_: TraceReader, __: FormatContext, out: TextOutput): TraceFormatter {
  return new DrcovFormatter(out);
}

/** A file in memory. */
interface Module {
  readonly path: string;
  readonly base: number;
  end: number;
}

class DrcovFormatter implements TraceFormatter {
  readonly looksAtState = false;
  private readonly modules: Module[] = [];
  /** Most instructions that completed of each block. */
  private readonly completed = new Map<BlockProgram, number>();
  /** Records, and those that are there. */
  private readonly records = new ByteWriter();
  private readonly known = new Set<string>();
  private count = 0;

  constructor(private readonly out: TextOutput) {}

  event(event: TraceEvent): void {
    if (event.kind !== 'mapping' || event.path === '') return;
    const { path, start, end, offset } = event;
    // A file's parts follow each other; where it is mapped once more, from its start, it is another module.
    const [module] = this.modules
      .filter((each) => each.path === path && (offset === 0 ? each.base === start : each.base < start))
      .sort((a, b) => b.base - a.base);
    if (module === undefined) this.modules.push({ path, base: start, end });
    else module.end = Math.max(module.end, end);
  }

  block(program: BlockProgram, completed: number): void {
    const before = this.completed.get(program) ?? 0;
    if (completed <= before) return;
    this.completed.set(program, completed);
    this.add(program, completed);
  }

  insn(): void {}

  end(): void {
    const { out, modules, count, records } = this;
    out.text(`DRCOV VERSION: 2\nDRCOV FLAVOR: drcov\nModule Table: version 2, count ${modules.length}\nColumns: id, base, end, entry, path\n`);
    for (const [id, { base, end, path }] of modules.entries())
      out.text(`${String(id).padStart(3)}, ${address(base)}, ${address(end)}, ${address(0)}, ${path}\n`);
    out.text(`BB Table: ${count} bbs\n`);
    out.bytes(records.view());
    out.flush();
  }

  /** Adds a block's first instructions, without those that a filter leaves out. */
  private add({ shapes }: BlockProgram, completed: number): void {
    let start = -1;
    let end = -1;
    for (let i = 0; i <= completed; i++) {
      const shape = i < completed ? shapes[i] : undefined;
      if (shape === undefined) {
        if (end > start) this.record(start, end - start);
        start = -1;
        end = -1;
      } else {
        if (start < 0) start = shape.pc;
        end = shape.pc + shape.bytes;
      }
    }
  }

  private record(start: number, bytes: number): void {
    // The newest one: others may have been there before.
    let id = this.modules.length - 1;
    while (id >= 0 && (start < this.modules[id].base || start >= this.modules[id].end)) id--;
    const key = `${id} ${start} ${bytes}`;
    if (id < 0 || this.known.has(key)) return;
    this.known.add(key);
    this.count++;
    this.records.fixed32(start - this.modules[id].base);
    this.records.fixed32(bytes | (id << 16));
  }
}

const address = (n: number): string => `0x${n.toString(16).padStart(16, '0')}`;
