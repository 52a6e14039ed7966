import { UserError } from '../base/index.ts';
import { ElfFile, SymbolTable } from '../linux/index.ts';
import type { RecordedPart } from './fileHistory.ts';

/** A file's ELF, and its symbols by the file's own addresses. */
interface SymbolFile {
  readonly elf: ElfFile;
  readonly table: SymbolTable;
}

/** What the code of recorded processes is called, by the files that they have mapped. A file is read when it is first asked for. */
export class RecordedNames {
  private readonly files = new Map<string, SymbolFile | undefined>();
  private readonly names = new Map<string, readonly string[]>();

  /** @param readFile a file of the recorded system; undefined: it cannot be had */
  constructor(private readonly readFile: (path: string) => Uint8Array | undefined) {}

  /** The function around an address, and the bytes from its start. */
  symbolize(parts: readonly RecordedPart[], pc: number): { readonly name: string; readonly offset: number } | undefined {
    const part = parts.find(({ start, end, isFile }) => isFile && pc >= start && pc < end);
    const file = part && this.fileOf(part.name);
    if (part === undefined || file === undefined) return undefined;
    const bias = biasOf(file.elf, part);
    const symbol = bias === undefined ? undefined : file.table.functionAt(pc - bias);
    return symbol === undefined || bias === undefined ? undefined : { name: symbol.name, offset: pc - bias - symbol.address };
  }

  /** All names of the code at an address: of its function and of its file, with and without folders. The same array for code of the same names. */
  namesAt(parts: readonly RecordedPart[], pc: number): readonly string[] {
    const part = parts.find(({ start, end, isFile }) => isFile && pc >= start && pc < end);
    if (part === undefined) return NONE;
    const name = this.symbolize(parts, pc)?.name ?? '';
    const key = `${part.name}\0${name}`;
    let known = this.names.get(key);
    if (known === undefined) {
      known = [...new Set([name, part.name, part.name.slice(part.name.lastIndexOf('/') + 1)])].filter((each) => each !== '');
      this.names.set(key, known);
    }
    return known;
  }

  /** Symbols of the files that are mapped, at the addresses where they are: the program's first. */
  tables(parts: readonly RecordedPart[], program: string): readonly SymbolTable[] {
    const names = new Set([program, ...parts.filter(({ isFile }) => isFile).map(({ name }) => name)]);
    return [...names].flatMap((name) => {
      const part = parts.find((each) => each.name === name && each.isFile);
      const elf = part && this.fileOf(name)?.elf;
      const bias = elf && biasOf(elf, part);
      return elf === undefined || bias === undefined ? [] : [new SymbolTable(elf, bias)];
    });
  }

  private fileOf(path: string): SymbolFile | undefined {
    if (!this.files.has(path)) this.files.set(path, this.open(path));
    return this.files.get(path);
  }

  private open(path: string): SymbolFile | undefined {
    const bytes = this.readFile(path);
    try {
      if (bytes === undefined) return undefined;
      const elf = new ElfFile(bytes, path);
      return { elf, table: new SymbolTable(elf, 0) };
    } catch (error) {
      // Its code has no names then.
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }
}

const NONE: readonly string[] = [];

/** Bytes of a page, at the least: a segment is mapped from such a boundary on. */
const PAGE = 4096;

/** What is added to a file's addresses where this part of it is mapped; undefined: no segment is there. */
export function biasOf(elf: ElfFile, { start, offset }: RecordedPart): number | undefined {
  const segment = elf.loadSegments.find((each) => offset >= each.offset - (each.offset % PAGE) && offset < each.offset + each.fileSize);
  return segment === undefined ? undefined : start - (offset - segment.offset + segment.address);
}
