import type { TraceEvent } from './events.ts';

/** Part of a file that a process has in memory. */
export interface CodeMapping {
  readonly start: number;
  /** First address behind it. */
  readonly end: number;
  /** In the file, of `start`. */
  readonly offset: number;
  readonly path: string;
  /** In hexadecimal; empty where the file has none. */
  readonly buildId: string;
}

/** The process that runs. */
export interface TracedProcess {
  readonly pid: number;
  readonly tid: number;
  /** Another object after each exec. */
  readonly image: object;
  /** The program's file. */
  readonly program: string;
  /** In ascending order of address. */
  mappings(): readonly CodeMapping[];
}

/** Tells a trace which files its processes have mapped where: all of them at first, then what has changed. */
export class CodeMappings {
  private readonly told = new Map<number, { readonly image: object; readonly mappings: ReadonlyMap<number, CodeMapping> }>();

  constructor(
    private readonly process: () => TracedProcess,
    private readonly emit: (event: TraceEvent) => void,
  ) {}

  /** Tells of the process that runs if nothing has been told of it yet. */
  tellOnce(): void {
    if (!this.told.has(this.process().pid)) this.tell();
  }

  /** Tells what is new of the process that runs. */
  tell(): void {
    const process = this.process();
    const { pid, tid, image } = process;
    const known = this.told.get(pid);
    const isSame = known?.image === image;
    if (!isSame) this.emit({ kind: 'program', pid, tid, path: process.program });
    const before = isSame ? known.mappings : new Map<number, CodeMapping>();
    const now = new Map(process.mappings().map((mapping) => [mapping.start, mapping]));
    // What is gone first: what is new may lie in its place.
    for (const old of before.values()) {
      if (!isEqual(old, now.get(old.start))) this.emit({ kind: 'mapping', pid, start: old.start, end: old.end, offset: 0, path: '', buildId: '' });
    }
    for (const each of now.values()) if (!isEqual(each, before.get(each.start))) this.emit({ kind: 'mapping', pid, ...each });
    this.told.set(pid, { image, mappings: now });
  }
}

const isEqual = (a: CodeMapping, b: CodeMapping | undefined): boolean => b !== undefined && a.end === b.end && a.offset === b.offset && a.path === b.path;
