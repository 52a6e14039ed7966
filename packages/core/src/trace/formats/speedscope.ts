import { ByteReader, ByteWriter } from '../../base/index.ts';
import { baseName, type ProfiledThread, type ProfileListener, Profiler, type TracedFunction } from '../profile/index.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { profileFormatter } from './profileFormatter.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * The file format of www.speedscope.app, a profile of type `evented` for each thread. Times are instructions of that thread.
 *
 *     {"type":"O","frame":0,"at":0}      a function begins
 *     {"type":"C","frame":0,"at":12}     it ends
 *
 * Profiles stand one after the other: events of other threads than the first are kept until the end, a few bytes each.
 */
export function createSpeedscopeFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  const events = new Events(out);
  const profiler: Profiler = new Profiler(reader, context, events);
  const name = JSON.stringify(context.command.join(' '));
  out.text(`{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"everystep","name":${name},"activeProfileIndex":0,"profiles":[`);
  return profileFormatter(profiler, () => {
    events.finish(({ pid, tid }) => `${baseName(profiler.programs.programOf(pid) ?? 'process')} ${pid}${pid === tid ? '' : `, thread ${tid}`}`);
    const frames = profiler.functions.all.map((fn) => JSON.stringify(frame(fn)));
    out.text(`\n],"shared":{"frames":[\n${frames.join(',\n')}\n]}}\n`);
    out.flush();
  });
}

function frame({ name, object, start }: TracedFunction): { readonly name: string; readonly file?: string; readonly line?: number } {
  const source = object?.lineAt(start);
  return source === undefined ? { name } : { name, file: source.path, line: source.line };
}

/** Two numbers below 2^28 hold a time. */
const HALF = 0x1000_0000;

/** One thread's events: `at` low and high, 0 for the end of a function or its number plus 1. */
interface Kept {
  readonly thread: ProfiledThread;
  readonly bytes: ByteWriter;
}

class Events implements ProfileListener {
  private first: ProfiledThread | undefined;
  private isBegun = false;
  private readonly kept = new Map<ProfiledThread, Kept>();
  /** The functions that each thread is in. */
  private readonly stacks = new Map<ProfiledThread, number[]>();

  constructor(private readonly out: TextOutput) {}

  enter(thread: ProfiledThread, { id }: TracedFunction): void {
    this.stackOf(thread).push(id);
    this.add(thread, id, true);
  }

  leave(thread: ProfiledThread): void {
    this.add(thread, this.stackOf(thread).pop() ?? 0, false);
  }

  /** Writes what has been kept. */
  finish(nameOf: (thread: ProfiledThread) => string): void {
    if (this.first === undefined) return;
    this.close(this.first, nameOf);
    for (const { thread, bytes } of this.kept.values()) {
      this.out.text(',');
      this.open();
      const reader = new ByteReader(bytes.view());
      const stack: number[] = [];
      while (!reader.atEnd) {
        const low = reader.u32();
        const at = low + reader.u32() * HALF;
        const code = reader.u32();
        if (code > 0) stack.push(code - 1);
        this.write(code > 0 ? code - 1 : (stack.pop() ?? 0), at, code > 0);
      }
      this.close(thread, nameOf);
    }
  }

  private add(thread: ProfiledThread, fn: number, begins: boolean): void {
    const at = thread.cost.insns;
    if (this.first === undefined) {
      this.first = thread;
      this.open();
    }
    if (thread === this.first) return this.write(fn, at, begins);
    let kept = this.kept.get(thread);
    if (kept === undefined) {
      kept = { thread, bytes: new ByteWriter() };
      this.kept.set(thread, kept);
    }
    kept.bytes.u32(at % HALF);
    kept.bytes.u32(Math.floor(at / HALF));
    kept.bytes.u32(begins ? fn + 1 : 0);
  }

  private open(): void {
    this.out.text('\n{"type":"evented","unit":"none","startValue":0,"events":[');
    this.isBegun = false;
  }

  private write(fn: number, at: number, begins: boolean): void {
    this.out.text(`${this.isBegun ? ',' : ''}\n{"type":"${begins ? 'O' : 'C'}","frame":${fn},"at":${at}}`);
    this.isBegun = true;
  }

  private close(thread: ProfiledThread, nameOf: (thread: ProfiledThread) => string): void {
    this.out.text(`\n],"endValue":${thread.cost.insns},"name":${JSON.stringify(nameOf(thread))}}`);
  }

  private stackOf(thread: ProfiledThread): number[] {
    const stack = this.stacks.get(thread) ?? [];
    this.stacks.set(thread, stack);
    return stack;
  }
}
