import type { SymbolTable } from '../linux/index.ts';
import { type ObjectFile, ObjectFiles, type ObjectFunction, type SourceLine, type SymbolHost } from '../symbols/index.ts';
import type { RecordedPart, RecordedProgram } from './fileHistory.ts';
import type { Replayer } from './replayer.ts';

/** A function, or another symbol, at its address in a process. */
export interface RecordedSymbol {
  /** As its programmer wrote it. */
  readonly name: string;
  readonly address: number;
  /** In bytes; 0 where the file does not say. */
  readonly size: number;
  readonly file: string;
  /** A few instructions that go on to a function of another file. */
  readonly isTrampoline: boolean;
  /** See ObjectFunction. */
  readonly leadsToResolver: boolean;
}

/** PROT_EXEC */
const EXECUTABLE = 4;
/** Bytes of a mapping that are compared with its file's. */
const COMPARED = 4096;
/** Near misses that an error names. */
const HINTS = 3;

/** A file where processes have it. */
interface Placed {
  readonly object: ObjectFile;
  /** What is added to the file's addresses. */
  readonly bias: number;
  readonly functions: Map<ObjectFunction, RecordedSymbol>;
}

/** A part of a file that a process has mapped. */
interface Mapped {
  readonly part: RecordedPart;
  readonly placed: Placed;
}

/**
 * Functions, data and source lines of all processes of a recorded run, also of those that have ended, or run another program since:
 * by the files that they had mapped at a step, as far as the run has been gone through. Files must be as they were; where the
 * process's memory can be looked at and says that they are not, their code has no names, and the host is told.
 */
export class RecordedSymbols {
  private readonly objects: ObjectFiles;
  /** By path: whether a file is as it was, as far as that has been looked at. */
  private readonly checked = new Map<string, boolean>();
  /** By path and bias. */
  private readonly placed = new Map<string, Placed>();
  /** By program: what it has mapped of files with names. */
  private readonly mapped = new WeakMap<RecordedProgram, readonly Mapped[]>();

  constructor(
    private readonly replayer: Replayer,
    private readonly host: SymbolHost,
  ) {
    this.objects = new ObjectFiles(host);
  }

  /** What a process runs and has mapped at a step; default: the one that runs, now. */
  programOf(pid = this.replayer.pid, step = this.replayer.steps): RecordedProgram | undefined {
    return this.replayer.files.at(pid, step);
  }

  /** The function around an address of a process, now: the same object each time, in whatever process that has the file there. */
  functionAt(address: number, pid = this.replayer.pid): RecordedSymbol | undefined {
    const place = this.placeIn(address, pid);
    const found = place?.object.functionAt(address - place.bias);
    if (place === undefined || found === undefined) return undefined;
    let symbol = place.functions.get(found);
    if (symbol === undefined) {
      const { name, start, end, isTrampoline, leadsToResolver } = found;
      symbol = { name, address: start + place.bias, size: end - start, file: place.object.path, isTrampoline, leadsToResolver };
      place.functions.set(found, symbol);
    }
    return symbol;
  }

  /** Function and offset, `main+0x1c`; '' if no symbol tells. */
  placeOf(address: number, pid = this.replayer.pid): string {
    const symbol = this.functionAt(address, pid);
    return symbol === undefined ? '' : `${symbol.name}+0x${(address - symbol.address).toString(16)}`;
  }

  /** The source line of an instruction of a process, now. */
  lineAt(address: number, pid = this.replayer.pid): SourceLine | undefined {
    const place = this.placeIn(address, pid);
    const line = place?.object.lineAt(address - place.bias);
    return line === undefined || line.line === 0 ? undefined : line;
  }

  /** All that has this name in any process that there is now, the one that runs first; several files may have one of that name. */
  find(name: string): readonly RecordedSymbol[] {
    return this.named(name, this.present());
  }

  /** All that has this name in any program that ran before a step. Whose is not there any more is looked at by `visit`, which goes to a step. */
  findBefore(name: string, step: number, visit: (step: number) => void): readonly RecordedSymbol[] {
    const programs = this.replayer.files.all.filter((each) => each.step <= step);
    for (const each of programs) {
      const isOpen = ({ isFile, name: path }: RecordedPart): boolean => isFile && !this.checked.has(path);
      if (!each.program.parts.some(isOpen)) continue;
      visit(each.step);
      for (const part of each.program.parts) if (isOpen(part)) this.check(part);
    }
    return this.named(
      name,
      programs.map(({ program }) => program),
    );
  }

  /** Names much like this one, of all programs that ran before a step. */
  similar(name: string, step: number): readonly string[] {
    const wanted = name.toLowerCase();
    const scored = new Map<string, number>();
    const objects = new Set(
      this.replayer.files.all.filter((each) => each.step <= step).flatMap(({ program }) => this.filesOf(program).map(({ placed }) => placed.object)),
    );
    for (const object of objects)
      for (const { name: each } of object.named) {
        const score = distance(wanted, each.toLowerCase());
        if (score <= Math.max(1, wanted.length / 3)) scored.set(each, score);
      }
    return [...scored]
      .sort(([a, x], [b, y]) => x - y || a.length - b.length || (a < b ? -1 : 1))
      .slice(0, HINTS)
      .map(([each]) => each);
  }

  /** Symbol tables of the files that a program has mapped, at the addresses where they are: its own first. */
  tables(program: RecordedProgram): readonly SymbolTable[] {
    const files = this.filesOf(program).map(({ placed }) => placed);
    const own = files.filter(({ object }) => object.path === program.path);
    return [...own, ...files.filter((each) => !own.includes(each))].map(({ object, bias }) => object.symbolTable(bias));
  }

  private named(name: string, programs: readonly RecordedProgram[]): readonly RecordedSymbol[] {
    const found = new Map<string, RecordedSymbol>();
    for (const program of programs) {
      for (const { placed, part } of this.filesOf(program)) {
        if (!this.isUsable(part)) continue;
        const { object, bias } = placed;
        for (const { name: symbol, address, size } of object.named) {
          if (!this.isCalled(symbol, name)) continue;
          const key = `${address + bias} ${object.path}`;
          if (!found.has(key))
            found.set(key, { name: this.host.demangle(symbol), address: address + bias, size, file: object.path, isTrampoline: false, leadsToResolver: false });
        }
      }
    }
    return [...found.values()];
  }

  private isCalled(symbol: string, name: string): boolean {
    if (symbol === name) return true;
    if (!symbol.startsWith('_')) return false;
    const readable = this.host.demangle(symbol);
    return readable === name || (readable !== symbol && readable.startsWith(`${name}(`));
  }

  /** Programs of the processes that there are now, that of the one that runs first. */
  private present(): readonly RecordedProgram[] {
    const { pid, threads, steps, files } = this.replayer;
    const pids = new Set([pid, ...[...threads.values()].map((thread) => thread.pid)]);
    return [...pids].map((each) => files.at(each, steps)).filter((program) => program !== undefined);
  }

  /** The file at an address of a process, now. */
  private placeIn(address: number, pid: number): Placed | undefined {
    const program = this.programOf(pid);
    const found = program && this.mappedBy(program).find(({ part }) => address >= part.start && address < part.end);
    return found !== undefined && this.isUsable(found.part) ? found.placed : undefined;
  }

  /** The files that a program has mapped, by their first parts. */
  private filesOf(program: RecordedProgram): readonly Mapped[] {
    const seen = new Set<Placed>();
    return this.mappedBy(program).filter(({ placed }) => !seen.has(placed) && seen.add(placed));
  }

  /** The parts of files with names that a program has mapped. */
  private mappedBy(program: RecordedProgram): readonly Mapped[] {
    let parts = this.mapped.get(program);
    if (parts === undefined) {
      parts = program.parts.flatMap((part) => {
        const placed = part.isFile ? this.place(part) : undefined;
        return placed === undefined ? [] : [{ part, placed }];
      });
      this.mapped.set(program, parts);
    }
    return parts;
  }

  private place(part: RecordedPart): Placed | undefined {
    const object = this.objects.of(part.name);
    const bias = object?.biasOf(part);
    if (object === undefined || bias === undefined) return undefined;
    const key = `${bias} ${part.name}`;
    const placed = this.placed.get(key) ?? { object, bias, functions: new Map() };
    this.placed.set(key, placed);
    return placed;
  }

  /** Whether a file can be had, and is as it was as far as can be told. */
  private isUsable(part: RecordedPart): boolean {
    return this.checked.get(part.name) ?? this.check(part);
  }

  /** Whether any program has code of a file: of others nobody misses names. */
  private hasCode(file: string): boolean {
    return this.replayer.files.all.some(({ program }) => program.parts.some(({ name, prot }) => name === file && (prot & EXECUTABLE) !== 0));
  }

  /** Compares a file with the memory of a process that has it mapped, if there is one now. */
  private check(part: RecordedPart): boolean {
    const { name, start, end, offset, prot } = part;
    // What may have been written says nothing.
    if (offset !== 0 && (prot & EXECUTABLE) === 0) return true;
    const bytes = this.host.readFile(name);
    const tell = (isGood: boolean, why = ''): boolean => {
      this.checked.set(name, isGood);
      if (!isGood && this.hasCode(name)) this.host.warn(`${name}: ${why}, so that its functions have no names`);
      return isGood;
    };
    if (bytes === undefined) return tell(false, 'cannot be read');
    const { space: running } = this.replayer.machine;
    const spaces = [running, ...this.replayer.spaces.filter((space) => space !== undefined)];
    const space = spaces.find(({ list }) => list.all[list.find(start)]?.name === name);
    const mapped = space?.peek(start, Math.min(COMPARED, end - start, bytes.length - offset));
    if (mapped === undefined) return true;
    return tell(
      mapped.every((byte, i) => byte === bytes[offset + i]),
      'has changed since it was recorded',
    );
  }
}

/** How much two names differ: few for names that begin alike, else changes of letters (Levenshtein). */
function distance(a: string, b: string): number {
  if (b.includes(a)) return Math.min(1, b.length - a.length);
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
