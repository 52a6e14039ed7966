import type { ObjectFile, ObjectFunction } from '../../symbols/index.ts';
import { type InsnCost, insnCosts, Profiler } from '../profile/index.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { profileFormatter } from './profileFormatter.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * Coverage of source lines and branches, as lcov's tracefiles have it (geninfo's manual): of each program and library that
 * ran and has line numbers.
 *
 *     SF:/src/hello.c
 *     FN:3,f              a function and its line
 *     FNDA:3,f            how often it was called
 *     BRDA:4,0,1,2        line, number of the branch instruction in it, way (0: taken), how often it went there
 *     DA:4,3              line, how often it ran
 *     end_of_record
 *
 * A line's count is that of the part of it that ran most often, and what a compiler copied into several functions is added
 * up. Lines that never ran are those that the line table has and the trace has not.
 */
export function createLcovFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  const profiler = new Profiler(reader, context);
  return profileFormatter(profiler, () => {
    const coverage = new Coverage(profiler);
    for (const object of profiler.programs.opened) coverage.add(object);
    coverage.write(out);
    out.flush();
  });
}

interface SourceFile {
  /** By line, then by the function that the code is in. */
  readonly lines: Map<number, Map<ObjectFunction | undefined, number>>;
  /** By name. */
  readonly functions: Map<string, { readonly line: number; count: number }>;
  /** By line, in ascending order of address: taken and not taken. */
  readonly branches: Map<number, (readonly [taken: number, passed: number])[]>;
}

class Coverage {
  private readonly files = new Map<string, SourceFile>();
  /** Executions, by file and address. */
  private readonly runs = new Map<ObjectFile, Map<number, number>>();

  constructor(private readonly profiler: Profiler) {
    for (const [, insns] of insnCosts(profiler)) for (const cost of insns.values()) this.count(cost);
  }

  /** Adds the lines of a program or library. */
  add(object: ObjectFile): void {
    const runs = this.runs.get(object) ?? new Map<number, number>();
    let last: { readonly path: string; readonly line: number; readonly end: number; readonly isCounted: boolean } | undefined;
    object.lines.forEachRow(({ address, end, path, line, isStatement }) => {
      const goesOn = last !== undefined && last.path === path && last.line === line && last.end === address;
      const isCounted = goesOn && last?.isCounted === true;
      last = { path, line, end, isCounted: isCounted || isStatement };
      if (line === 0 || !isStatement || isCounted) return;
      const { lines } = this.file(path);
      const counts = lines.get(line) ?? new Map<ObjectFunction | undefined, number>();
      lines.set(line, counts);
      const fn = object.functionAt(address);
      counts.set(fn, Math.max(counts.get(fn) ?? 0, runs.get(address) ?? 0));
    });
    for (const { name, start } of object.allFunctions) {
      const source = object.lineAt(start);
      if (source === undefined || source.line === 0) continue;
      const { functions } = this.file(source.path);
      const known = functions.get(name);
      const count = runs.get(start) ?? 0;
      if (known === undefined) functions.set(name, { line: source.line, count });
      else known.count += count;
    }
    this.addBranches(object);
  }

  write(out: TextOutput): void {
    const { files } = this;
    out.text('TN:\n');
    for (const path of [...files.keys()].sort()) this.writeFile(out, path, files.get(path) as SourceFile);
  }

  private writeFile(out: TextOutput, path: string, { lines, functions, branches }: SourceFile): void {
    out.text(`SF:${path}\n`);
    const sorted = [...functions].sort(([, a], [, b]) => a.line - b.line);
    for (const [name, { line }] of sorted) out.text(`FN:${line},${name}\n`);
    for (const [name, { count }] of sorted) out.text(`FNDA:${count},${name}\n`);
    out.text(`FNF:${sorted.length}\nFNH:${sorted.filter(([, { count }]) => count > 0).length}\n`);
    let found = 0;
    let hit = 0;
    for (const line of [...branches.keys()].sort((a, b) => a - b)) {
      branches.get(line)?.forEach((ways, number) => {
        ways.forEach((count, way) => {
          found++;
          if (count > 0) hit++;
          out.text(`BRDA:${line},${number},${way},${count}\n`);
        });
      });
    }
    out.text(`BRF:${found}\nBRH:${hit}\n`);
    hit = 0;
    for (const line of [...lines.keys()].sort((a, b) => a - b)) {
      const count = [...(lines.get(line)?.values() ?? [])].reduce((sum, n) => sum + n, 0);
      if (count > 0) hit++;
      out.text(`DA:${line},${count}\n`);
    }
    out.text(`LF:${lines.size}\nLH:${hit}\nend_of_record\n`);
  }

  private count({ place, insns }: InsnCost): void {
    if (place.object === undefined) return;
    const ofObject = this.runs.get(place.object) ?? new Map<number, number>();
    this.runs.set(place.object, ofObject);
    ofObject.set(place.address, (ofObject.get(place.address) ?? 0) + insns);
  }

  /** Of the branches that ran: which way the others could go only their code tells. */
  private addBranches(object: ObjectFile): void {
    const byAddress = new Map<number, [taken: number, passed: number]>();
    for (const block of this.profiler.blocks) {
      if (block?.program.end.kind !== 'branch' || block.runs === 0) continue;
      const place = this.profiler.functions.place(block.pid, block.lastPc);
      if (place.object !== object) continue;
      const counts = byAddress.get(place.address) ?? [0, 0];
      counts[0] += block.taken;
      counts[1] += block.runs - block.taken;
      byAddress.set(place.address, counts);
    }
    for (const address of [...byAddress.keys()].sort((a, b) => a - b)) {
      const source = object.lineAt(address);
      if (source === undefined || source.line === 0) continue;
      const { branches } = this.file(source.path);
      const ofLine = branches.get(source.line) ?? [];
      branches.set(source.line, ofLine);
      ofLine.push(byAddress.get(address) ?? [0, 0]);
    }
  }

  private file(path: string): SourceFile {
    let file = this.files.get(path);
    if (file === undefined) {
      file = { lines: new Map(), functions: new Map(), branches: new Map() };
      this.files.set(path, file);
    }
    return file;
  }
}
