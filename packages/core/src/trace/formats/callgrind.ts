import { CallCosts, type CallEdge, type Cost, type InsnCost, type InsnPlace, insnCosts, Profiler, type TracedFunction } from '../profile/index.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { profileFormatter } from './profileFormatter.ts';
import type { TextOutput } from './textOutput.ts';

/** What names are where they are not known; callgrind_annotate knows it. */
const UNKNOWN = '???';

/**
 * The profile that callgrind of Valgrind writes (cl-format of its manual, version 1): for each instruction how often it has
 * run, loads and stores, with calls and their inclusive cost.
 *
 *     fn=(1) main
 *     0x4006d4 4 1 0 1                instruction, line, Ir, Dr, Dw
 *     cfn=(2) f
 *     calls=3 0x4006c0 3              calls, of what instruction and line
 *     0x4006d8 4 15 3 3               from where, and what they cost
 *
 * Addresses are those of files. Threads and processes are added up.
 */
export function createCallgrindFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  const costs: CallCosts = new CallCosts((pid, pc) => profiler.functions.place(pid, pc));
  const profiler = new Profiler(reader, context, costs);
  return profileFormatter(profiler, () => {
    new CallgrindWriter(profiler, costs, out).write(context.command);
    out.flush();
  });
}

class CallgrindWriter {
  private readonly names = { ob: new Map<string, number>(), fl: new Map<string, number>(), fn: new Map<TracedFunction, number>() };

  constructor(
    private readonly profiler: Profiler,
    private readonly costs: CallCosts,
    private readonly out: TextOutput,
  ) {}

  write(command: readonly string[]): void {
    const { out, profiler } = this;
    const totals = profiler.threads.reduce(
      (sum, { cost }) => ({ insns: sum.insns + cost.insns, loads: sum.loads + cost.loads, stores: sum.stores + cost.stores }),
      { insns: 0, loads: 0, stores: 0 },
    );
    out.text(`# callgrind format\nversion: 1\ncreator: everystep\ncmd: ${command.join(' ').replaceAll('\n', ' ')}\npart: 1\n`);
    out.text(`positions: instr line\nevents: Ir Dr Dw\nsummary: ${costText(totals)}\n`);
    const all = insnCosts(profiler);
    const functions = [...all.keys()].sort((a, b) => compare(objectName(a), objectName(b)) || a.start - b.start || a.id - b.id);
    for (const fn of functions) this.function(fn, all.get(fn) ?? new Map());
    out.text(`\ntotals: ${costText(totals)}\n`);
  }

  private function(fn: TracedFunction, insns: ReadonlyMap<number, InsnCost>): void {
    const { out } = this;
    const ownFile = fileOf(fn);
    out.text(`\nob=${this.object(fn)}\nfl=${this.file(ownFile)}\nfn=${this.name(fn)}\n`);
    const calls = this.costs.from(fn);
    const addresses = [...new Set([...insns.keys(), ...calls.keys()])].sort((a, b) => a - b);
    let file = ownFile;
    for (const address of addresses) {
      const cost = insns.get(address);
      const edges = calls.get(address) ?? [];
      const place = cost?.place ?? edges[0].site;
      const source = place.object?.lineAt(address);
      const path = source?.path ?? ownFile;
      // Code of another file: an inlined function's.
      if (path !== file) out.text(`${path === ownFile ? 'fe' : 'fi'}=${this.file(path)}\n`);
      file = path;
      const position = `0x${address.toString(16)} ${source?.line ?? 0}`;
      if (cost !== undefined) out.text(`${position} ${costText(cost)}\n`);
      for (const edge of edges) this.call(edge, position);
    }
  }

  private call({ callee, caller, count, inclusive }: CallEdge, position: string): void {
    // Only a copy of the process has been in it.
    if (count === 0) return;
    const { out } = this;
    if (callee.object !== caller.object) out.text(`cob=${this.object(callee)}\n`);
    out.text(`cfi=${this.file(fileOf(callee))}\ncfn=${this.name(callee)}\n`);
    out.text(`calls=${count} 0x${callee.start.toString(16)} ${lineOf(callee)}\n${position} ${costText(inclusive)}\n`);
  }

  private object(fn: TracedFunction): string {
    return numbered(this.names.ob, objectName(fn), objectName(fn));
  }

  private file(path: string): string {
    return numbered(this.names.fl, path, path);
  }

  private name(fn: TracedFunction): string {
    return numbered(this.names.fn, fn, fn.name);
  }
}

/** `(number) name` where it is the first time, else `(number)`. */
function numbered<K>(known: Map<K, number>, key: K, name: string): string {
  const number = known.get(key);
  if (number !== undefined) return `(${number})`;
  known.set(key, known.size + 1);
  return `(${known.size}) ${name}`;
}

const costText = ({ insns, loads, stores }: Cost): string => `${insns} ${loads} ${stores}`;
const objectName = ({ object }: TracedFunction): string => object?.path ?? UNKNOWN;
const sourceOf = ({ object, start }: TracedFunction): ReturnType<NonNullable<InsnPlace['object']>['lineAt']> => object?.lineAt(start);
const fileOf = (fn: TracedFunction): string => sourceOf(fn)?.path ?? UNKNOWN;
const lineOf = (fn: TracedFunction): number => sourceOf(fn)?.line ?? 0;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
