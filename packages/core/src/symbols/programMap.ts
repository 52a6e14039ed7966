import { UserError } from '../base/index.ts';
import { ElfFile } from '../linux/index.ts';
import type { SymbolHost } from './host.ts';
import { ObjectFile } from './objectFile.ts';

/** Part of a file that a process has mapped executable, as traces tell of it. */
export interface MappedCode {
  readonly start: number;
  /** First address behind it. */
  readonly end: number;
  /** In the file, of `start`. */
  readonly offset: number;
  /** Empty: no file. */
  readonly path: string;
  /** In hexadecimal; empty where it is not known. */
  readonly buildId: string;
}

/** An address of a process, as an address of the file that is there. */
export interface CodePlace {
  readonly object: ObjectFile;
  readonly address: number;
}

/** Which files processes have mapped where. */
export class ProgramMap {
  /** By process, in no order. */
  private readonly processes = new Map<number, MappedCode[]>();
  /** By path and build-id; undefined: cannot be read. */
  private readonly objects = new Map<string, ObjectFile | undefined>();
  private readonly programs = new Map<number, string>();

  constructor(private readonly host: SymbolHost) {}

  /** A process runs another program: nothing is mapped yet. */
  setProgram(pid: number, path: string): void {
    this.programs.set(pid, path);
    this.processes.set(pid, []);
  }

  /** The program's path; undefined where nothing has been told of the process. */
  programOf(pid: number): string | undefined {
    return this.programs.get(pid);
  }

  /** A mapping takes the place of what was at its addresses. */
  map(pid: number, mapping: MappedCode): void {
    const { start, end } = mapping;
    const rest = (this.processes.get(pid) ?? []).flatMap((old) => {
      if (old.end <= start || old.start >= end) return [old];
      const before = old.start < start ? [{ ...old, end: start }] : [];
      const after = old.end > end ? [{ ...old, start: end, offset: old.offset + (end - old.start) }] : [];
      return [...before, ...after];
    });
    this.processes.set(pid, mapping.path === '' ? rest : [...rest, mapping]);
  }

  /** What is at an address of a process; undefined if it is no file's, or the file is not here as it was. */
  find(pid: number, address: number): CodePlace | undefined {
    const mapping = this.processes.get(pid)?.find(({ start, end }) => address >= start && address < end);
    const object = mapping && this.objectOf(mapping);
    const inFile = object?.addressOf(address - (mapping?.start ?? 0) + (mapping?.offset ?? 0));
    return object === undefined || inFile === undefined ? undefined : { object, address: inFile };
  }

  private objectOf({ path, buildId }: MappedCode): ObjectFile | undefined {
    const key = `${path}\0${buildId}`;
    if (!this.objects.has(key)) this.objects.set(key, this.open(path, buildId));
    return this.objects.get(key);
  }

  private open(path: string, buildId: string): ObjectFile | undefined {
    const bytes = this.host.readFile(path);
    if (bytes === undefined) {
      this.host.warn(`${path}: cannot be read, so that its functions have the names that the trace has`);
      return undefined;
    }
    try {
      const object = new ObjectFile(path, new ElfFile(bytes, path), this.host);
      if (buildId === '' || object.buildId === buildId) return object;
      this.host.warn(`${path}: has changed since it was traced, so that its functions have the names that the trace has`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.host.warn(error.message);
    }
    return undefined;
  }

  /** The files that have been looked at. */
  get opened(): readonly ObjectFile[] {
    return [...this.objects.values()].filter((object) => object !== undefined);
  }
}
