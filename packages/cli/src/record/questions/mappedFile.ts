import { type AddressSpace, ElfFile, type ElfSymbol, ObjectFile, PAGE, readSymbols, type SymbolHost, SymbolType, UserError } from '@everystep/core';

/** A function, or another symbol, at its address in a process. */
export interface MappedSymbol {
  /** As its programmer wrote it. */
  readonly name: string;
  readonly address: number;
  /** In bytes; 0 where the file does not say. */
  readonly size: number;
  readonly file: string;
  /** A few instructions that go on to a function of another file. */
  readonly isTrampoline?: boolean;
}

const NAMED: ReadonlySet<number> = new Set([SymbolType.none, SymbolType.object, SymbolType.function, SymbolType.indirectFunction]);

/** A program's or library's file that a process has in its memory. */
export class MappedFile {
  private names: readonly ElfSymbol[] | undefined;

  private constructor(
    private readonly object: ObjectFile,
    private readonly elf: ElfFile,
    /** What is added to the file's addresses. */
    private readonly bias: number,
    private readonly host: SymbolHost,
  ) {}

  /**
   * Reads a file that is mapped.
   * @param start where its first page is
   * @returns undefined, having said so, if it is not here, or not as it was
   */
  static open(space: AddressSpace, path: string, start: number, host: SymbolHost): MappedFile | undefined {
    const bytes = host.readFile(path);
    if (bytes === undefined) {
      host.warn(`${path}: cannot be read, so that its functions have no names`);
      return undefined;
    }
    try {
      const elf = new ElfFile(bytes, path);
      const first = elf.loadSegments[0];
      const length = Math.min(PAGE, first?.fileSize ?? 0, bytes.length);
      const mapped = space.peek(start, length);
      if (mapped === undefined || mapped.some((byte, i) => byte !== bytes[i])) {
        host.warn(`${path}: has changed since it was recorded, so that its functions have no names`);
        return undefined;
      }
      return new MappedFile(new ObjectFile(path, elf, host), elf, start - Math.floor(first.address / PAGE) * PAGE, host);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      host.warn(error.message);
      return undefined;
    }
  }

  get path(): string {
    return this.object.path;
  }

  /** The function around an address of the process. */
  functionAt(address: number): MappedSymbol | undefined {
    const found = this.object.functionAt(address - this.bias);
    return found && { name: found.name, address: found.start + this.bias, size: found.end - found.start, file: this.path, isTrampoline: found.isTrampoline };
  }

  /** The source line of an instruction, `sum.c:12`. */
  lineAt(address: number): { readonly path: string; readonly line: number } | undefined {
    const line = this.object.lineAt(address - this.bias);
    return line === undefined || line.line === 0 ? undefined : line;
  }

  /** All that has this name, as in the symbol table or as its programmer wrote it. */
  find(name: string): readonly MappedSymbol[] {
    return this.symbols.filter((symbol) => this.isCalled(symbol.name, name)).map((symbol) => this.toMapped(symbol));
  }

  /** Names of functions and data. */
  get symbolNames(): readonly string[] {
    return this.symbols.map(({ name }) => name);
  }

  private isCalled(symbol: string, name: string): boolean {
    if (symbol === name) return true;
    if (!symbol.startsWith('_')) return false;
    const readable = this.host.demangle(symbol);
    return readable === name || (readable !== symbol && readable.startsWith(`${name}(`));
  }

  private toMapped({ name, address, size }: ElfSymbol): MappedSymbol {
    return { name: this.host.demangle(name), address: address + this.bias, size, file: this.path };
  }

  private get symbols(): readonly ElfSymbol[] {
    this.names ??= [
      ...readSymbols(this.elf, 0).filter((symbol) => symbol !== undefined && symbol.name !== '' && !symbol.name.startsWith('$') && NAMED.has(symbol.type)),
      ...this.object.allFunctions.map(({ symbol, start, end }) => ({ name: symbol, address: start, size: end - start, type: SymbolType.function })),
    ] as readonly ElfSymbol[];
    return this.names;
  }
}
