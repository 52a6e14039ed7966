import type { CodePlace, ObjectFile, ObjectFunction } from '../../symbols/index.ts';

/** What ran of a source file. */
export interface CoveredFile {
  /** By line, how often it ran; 0: never, but there is code of it. */
  readonly lines: ReadonlyMap<number, number>;
  /** By name. */
  readonly functions: ReadonlyMap<string, { readonly line: number; readonly count: number }>;
  /** By line, in ascending order of address: taken and not taken. */
  readonly branches: ReadonlyMap<number, readonly (readonly [taken: number, passed: number])[]>;
}

interface FileCounts {
  /** By line, then by the function that the code is in. */
  readonly lines: Map<number, Map<ObjectFunction | undefined, number>>;
  readonly functions: Map<string, { readonly line: number; count: number }>;
  readonly branches: Map<number, (readonly [taken: number, passed: number])[]>;
}

/**
 * Which source lines ran how often. A line's count is that of the part of it that ran most often, and what a compiler copied
 * into several functions is added up. Lines that never ran are those that the line table has and nobody told of.
 */
export class LineCoverage {
  private readonly runs = new Map<ObjectFile, Map<number, number>>();
  private readonly branches = new Map<ObjectFile, Map<number, [taken: number, passed: number]>>();

  /** An instruction ran so many times. */
  ran({ object, address }: CodePlace, times: number): void {
    const ofObject = this.runs.get(object) ?? new Map<number, number>();
    this.runs.set(object, ofObject);
    ofObject.set(address, (ofObject.get(address) ?? 0) + times);
  }

  /** A conditional branch was taken and passed so many times. */
  branched({ object, address }: CodePlace, taken: number, passed: number): void {
    const ofObject = this.branches.get(object) ?? new Map<number, [taken: number, passed: number]>();
    this.branches.set(object, ofObject);
    const counts = ofObject.get(address) ?? [0, 0];
    ofObject.set(address, [counts[0] + taken, counts[1] + passed]);
  }

  /** By path, in alphabetical order. @param objects the programs and libraries whose lines are wanted */
  files(objects: Iterable<ObjectFile>): ReadonlyMap<string, CoveredFile> {
    const files = new Map<string, FileCounts>();
    const file = (path: string): FileCounts => {
      const known = files.get(path) ?? { lines: new Map(), functions: new Map(), branches: new Map() };
      files.set(path, known);
      return known;
    };
    for (const object of objects) {
      this.addLines(object, file);
      this.addFunctions(object, file);
      this.addBranches(object, file);
    }
    const sum = (counts: ReadonlyMap<unknown, number>): number => [...counts.values()].reduce((all, n) => all + n, 0);
    return new Map(
      [...files]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, { lines, functions, branches }]) => [
          path,
          { lines: new Map([...lines].sort(([a], [b]) => a - b).map(([line, counts]) => [line, sum(counts)])), functions, branches },
        ]),
    );
  }

  private addLines(object: ObjectFile, file: (path: string) => FileCounts): void {
    const runs = this.runs.get(object) ?? new Map<number, number>();
    let last: { readonly path: string; readonly line: number; readonly end: number; readonly isCounted: boolean } | undefined;
    object.lines.forEachRow(({ address, end, path, line, isStatement }) => {
      const goesOn = last !== undefined && last.path === path && last.line === line && last.end === address;
      const isCounted = goesOn && last?.isCounted === true;
      last = { path, line, end, isCounted: isCounted || isStatement };
      if (line === 0 || !isStatement || isCounted) return;
      const { lines } = file(path);
      const counts = lines.get(line) ?? new Map<ObjectFunction | undefined, number>();
      lines.set(line, counts);
      const fn = object.functionAt(address);
      counts.set(fn, Math.max(counts.get(fn) ?? 0, runs.get(address) ?? 0));
    });
  }

  private addFunctions(object: ObjectFile, file: (path: string) => FileCounts): void {
    const runs = this.runs.get(object) ?? new Map<number, number>();
    for (const { name, start } of object.allFunctions) {
      const source = object.lineAt(start);
      if (source === undefined || source.line === 0) continue;
      const { functions } = file(source.path);
      const known = functions.get(name);
      const count = runs.get(start) ?? 0;
      if (known === undefined) functions.set(name, { line: source.line, count });
      else known.count += count;
    }
  }

  /** Of the branches that ran: which way the others could go only their code tells. */
  private addBranches(object: ObjectFile, file: (path: string) => FileCounts): void {
    const found = [...(this.branches.get(object) ?? [])].sort(([a], [b]) => a - b);
    for (const [address, counts] of found) {
      const source = object.lineAt(address);
      if (source === undefined || source.line === 0) continue;
      const { branches } = file(source.path);
      const ofLine = branches.get(source.line) ?? [];
      branches.set(source.line, ofLine);
      ofLine.push(counts);
    }
  }
}
