import type { FilePart, MappedRange } from '../linux/index.ts';
import type { SymbolHost } from './host.ts';
import type { ObjectFile } from './objectFile.ts';
import { ObjectFiles } from './objectFiles.ts';

/** PROT_EXEC */
const EXECUTABLE = 4;

/** The files that a process has mapped: a live one's, or those of one that was recorded. */
export interface CodeMappings {
  /** The part of a file at an address. */
  at(address: number): FilePart | undefined;
  ranges(): readonly Pick<MappedRange, 'start' | 'end' | 'offset' | 'prot' | 'name'>[];
}

/** A file whose code processes run. */
interface CodeFile {
  /** undefined: it cannot be read, or is no ELF file. */
  readonly object: ObjectFile | undefined;
  /** Of the file alone. */
  readonly names: readonly string[];
  /** Of each of its functions that has been asked for, with the file's, by the function's address in the file. */
  readonly functions: Map<number, readonly string[]>;
}

/**
 * What the code of the process that runs is called: by the files that it has mapped, libraries included, as long as it has
 * them. A file is read when its first name is asked for.
 */
export class CodeNames {
  private readonly files = new Map<string, CodeFile>();
  private readonly objects: ObjectFiles;

  /**
   * @param mappings of the process that runs
   * @param host reads files by the paths that processes have them mapped by
   */
  constructor(
    private readonly mappings: () => CodeMappings,
    private readonly host: SymbolHost,
  ) {
    this.objects = new ObjectFiles(host);
  }

  /** The function around an address, and the bytes from its start. */
  symbolize(pc: number): { readonly name: string; readonly offset: number } | undefined {
    const part = this.mappings().at(pc);
    const object = part && this.fileOf(part.path).object;
    const address = part && object?.addressOf(pc - part.start + part.offset);
    const symbol = address === undefined ? undefined : object?.symbolAt(address);
    return symbol === undefined || address === undefined ? undefined : { name: symbol.name, offset: address - symbol.address };
  }

  /**
   * All names of the code at an address: of its function, as linkers have it and as it was written, and of its file: the path,
   * what is behind the last slash, and the name by which programs ask for it. The same array for code of the same names.
   */
  namesAt(pc: number): readonly string[] {
    const part = this.mappings().at(pc);
    if (part === undefined) return NONE;
    const { object, names, functions } = this.fileOf(part.path);
    const address = object?.addressOf(pc - part.start + part.offset);
    const symbol = address === undefined ? undefined : object?.symbolAt(address);
    if (symbol === undefined) return names;
    let known = functions.get(symbol.address);
    if (known === undefined) {
      known = [...new Set([symbol.name, this.host.demangle(symbol.name), ...names])];
      functions.set(symbol.address, known);
    }
    return known;
  }

  /** Where the process that runs has functions of that name: none, or one for each file that has one. */
  find(name: string): readonly number[] {
    return this.mappings()
      .ranges()
      .flatMap((range) => {
        if ((range.prot & EXECUTABLE) === 0 || !range.name.startsWith('/')) return [];
        const { object } = this.fileOf(range.name);
        const symbol = object?.findFunction(name);
        const pc = symbol && addressIn({ ...range, path: range.name }, object, symbol.address);
        return pc === undefined ? [] : [pc];
      });
  }

  private fileOf(path: string): CodeFile {
    let file = this.files.get(path);
    if (file === undefined) {
      const object = this.objects.of(path);
      const names = [path, path.slice(path.lastIndexOf('/') + 1), object?.soname ?? ''].filter((name) => name !== '');
      file = { object, names: [...new Set(names)], functions: new Map() };
      this.files.set(path, file);
    }
    return file;
  }
}

const NONE: readonly string[] = [];

/** Where a part of a file that is mapped has an address of the file's; undefined: it has not. */
function addressIn({ start, end, offset }: FilePart, object: ObjectFile | undefined, address: number): number | undefined {
  const inFile = object?.offsetOf(address);
  const pc = inFile === undefined ? undefined : start + inFile - offset;
  return pc !== undefined && pc >= start && pc < end ? pc : undefined;
}
