import { type CoveredFile, insnCosts, LineCoverage, Profiler } from '../profile/index.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { profileFormatter } from './profileFormatter.ts';
import type { TextOutput } from './textOutput.ts';

/** Coverage of source lines and branches of each program and library that ran and has line numbers, see writeLcov. */
export function createLcovFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  const profiler = new Profiler(reader, context);
  return profileFormatter(profiler, () => {
    const files = coverageOf(profiler).files(profiler.programs.opened);
    if (files.size === 0) context.symbols.warn('no code that ran has line numbers: was the program built with -g?');
    writeLcov(files, out);
    out.flush();
  });
}

function coverageOf(profiler: Profiler): LineCoverage {
  const coverage = new LineCoverage();
  for (const [, costs] of insnCosts(profiler)) {
    for (const { place, insns } of costs.values()) {
      if (place.object !== undefined) coverage.ran({ object: place.object, address: place.address }, insns);
    }
  }
  for (const block of profiler.blocks) {
    if (block?.program.end.kind !== 'branch' || block.runs === 0) continue;
    const { object, address } = profiler.functions.place(block.pid, block.lastPc);
    if (object !== undefined) coverage.branched({ object, address }, block.taken, block.runs - block.taken);
  }
  return coverage;
}

/**
 * Coverage as lcov's tracefiles have it (geninfo's manual):
 *
 *     SF:/src/hello.c
 *     FN:3,f              a function and its line
 *     FNDA:3,f            how often it was called
 *     BRDA:4,0,1,2        line, number of the branch instruction in it, way (0: taken), how often it went there
 *     DA:4,3              line, how often it ran
 *     end_of_record
 */
export function writeLcov(files: ReadonlyMap<string, CoveredFile>, out: TextOutput): void {
  out.text('TN:\n');
  for (const [path, file] of files) writeFile(out, path, file);
}

function writeFile(out: TextOutput, path: string, { lines, functions, branches }: CoveredFile): void {
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
  for (const [line, count] of lines) out.text(`DA:${line},${count}\n`);
  out.text(`LF:${lines.size}\nLH:${[...lines.values()].filter((count) => count > 0).length}\nend_of_record\n`);
}
