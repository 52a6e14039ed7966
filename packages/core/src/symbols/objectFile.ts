import { lazy, upperBound } from '../base/index.ts';
import { buildIdOf, type ElfFile, type ElfSymbol, type ProgramHeader, readSymbols, SectionType, SegmentFlag, SymbolTable, SymbolType } from '../linux/index.ts';
import { findDebugFile } from './debugFile.ts';
import { DebugInfo } from './dwarf/debugInfo.ts';
import { LineTable, type SourceLine } from './dwarf/lineTable.ts';
import type { SymbolHost } from './host.ts';
import { pltEntries } from './plt.ts';
import { sectionBytes } from './sections.ts';
import { writtenNames } from './writtenNames.ts';

/** A function of a program or library. Addresses are the file's. */
export interface ObjectFunction {
  /** As in the symbol table. */
  readonly symbol: string;
  /** As its programmer wrote it. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** A few instructions that go on to a function of another file: no function of its own. */
  readonly isTrampoline: boolean;
  /** It goes on to the dynamic linker's function that looks another up, and goes on to that. */
  readonly leadsToResolver: boolean;
}

/** Dynamic linkers look a function up when it is first called, and go on to it. */
const RESOLVERS = /^_dl_runtime_resolve/;

/** Types of symbols that stand for a function or data. */
const NAMED: ReadonlySet<number> = new Set([SymbolType.none, SymbolType.object, SymbolType.function, SymbolType.indirectFunction]);

/** Bytes of a page, at the least: a segment is mapped from such a boundary on. */
const PAGE = 4096;

/** A program's or library's file: its functions and source lines, by the file's own addresses. What takes long is read when it is first asked for. */
export class ObjectFile {
  readonly buildId: string;
  private readonly segments: readonly ProgramHeader[];
  private readonly symbols = lazy(() => new SymbolTable(this.symbolFile, 0));
  /** Symbols without a size and functions that are not in `symbols`, in ascending order of address. */
  private readonly labels = lazy(() => this.readLabels(this.symbolFile));
  private readonly names = lazy(
    () =>
      [
        ...readSymbols(this.elf, 0).filter((symbol) => symbol !== undefined && symbol.name !== '' && !symbol.name.startsWith('$') && NAMED.has(symbol.type)),
        ...this.allFunctions.map(({ symbol, start, end }) => ({ name: symbol, address: start, size: end - start, type: SymbolType.function })),
      ] as readonly ElfSymbol[],
  );
  private readonly written = lazy(() => writtenNames(this.symbols().all, (name) => this.host.demangle(name)));
  private readonly plt = lazy(() => pltEntries(this.elf));
  private readonly functions = new Map<number, ObjectFunction>();
  private lineTable: LineTable | undefined;
  private debugInfo: DebugInfo | undefined;
  private readonly inlined = new Map<number, readonly string[]>();
  /** The file itself, or the one that has what was split off of it. */
  private readonly debug = lazy(() => findDebugFile(this.path, this.elf, this.host) ?? this.elf);

  constructor(
    readonly path: string,
    private readonly elf: ElfFile,
    private readonly host: SymbolHost,
  ) {
    this.buildId = buildIdOf(elf);
    this.segments = elf.loadSegments.filter((s) => (s.flags & SegmentFlag.execute) !== 0);
  }

  /** The file with the symbol table. */
  private get symbolFile(): ElfFile {
    const { elf } = this;
    return elf.sections.some((s) => s.type === SectionType.symbolTable) ? elf : this.debug();
  }

  /** The name by which programs ask for it, `libz.so.1`; '' where it has none. */
  get soname(): string {
    return this.elf.soname;
  }

  /** The function whose bytes contain an address, as the symbol table has it. */
  symbolAt(address: number): ElfSymbol | undefined {
    return this.symbols().functionAt(address);
  }

  /** The function of that name, as the symbol table has it, or as it was written. */
  findFunction(name: string): ElfSymbol | undefined {
    const symbol = this.symbols().find(name) ?? this.written().get(name);
    // What an indirect function's name stands for is known when the program runs; a label without a type may be a function.
    return symbol?.type === SymbolType.function || symbol?.type === SymbolType.none ? symbol : undefined;
  }

  /** The address of a byte of the file; undefined if it belongs to no code. */
  addressOf(offset: number): number | undefined {
    const segment = this.segments.find((s) => offset >= s.offset && offset < s.offset + s.fileSize);
    return segment === undefined ? undefined : offset - segment.offset + segment.address;
  }

  /** Where the file has the code at an address; undefined if that is none. */
  offsetOf(address: number): number | undefined {
    const segment = this.segments.find((s) => address >= s.address && address < s.address + s.fileSize);
    return segment === undefined ? undefined : address - segment.address + segment.offset;
  }

  /** What is added to the file's addresses where a part of it is mapped; undefined: programs have no such part. */
  biasOf({ start, offset }: { readonly start: number; readonly offset: number }): number | undefined {
    const segment = this.elf.loadSegments.find((s) => offset >= s.offset - (s.offset % PAGE) && offset < s.offset + s.fileSize);
    return segment === undefined ? undefined : start - (offset - segment.offset + segment.address);
  }

  /** A table of its symbols where it is mapped. @param bias see `biasOf` */
  symbolTable(bias: number): SymbolTable {
    return new SymbolTable(this.symbolFile, bias);
  }

  isCode(address: number): boolean {
    return this.segments.some((s) => address >= s.address && address < s.address + s.fileSize);
  }

  /** From the first byte of code to behind the last. */
  get codeRange(): { readonly start: number; readonly end: number } {
    return { start: Math.min(...this.segments.map((s) => s.address)), end: Math.max(...this.segments.map((s) => s.address + s.fileSize)) };
  }

  /** The function around an address, as far as the file's symbols tell. */
  functionAt(address: number): ObjectFunction | undefined {
    const symbol = this.symbolAt(address);
    if (symbol !== undefined) return this.function(symbol.name, symbol.address, symbol.address + symbol.size);
    const trampoline = this.plt().find(({ start, end }) => address >= start && address < end);
    if (trampoline !== undefined) return trampoline;
    const label = this.labelAt(address);
    return label && this.function(label.name, label.start, label.end);
  }

  /** All functions that the symbol table has with a size, in ascending order of address. */
  get allFunctions(): readonly ObjectFunction[] {
    return this.symbols()
      .all.filter(({ size, name }) => size > 0 && name !== '')
      .map(({ name, address, size }) => this.function(name, address, address + size));
  }

  /** Functions and data with names. */
  get named(): readonly ElfSymbol[] {
    return this.names();
  }

  /** The source line that an instruction comes from. */
  lineAt(address: number): SourceLine | undefined {
    return this.lines.at(address);
  }

  get lines(): LineTable {
    this.lineTable ??= this.readLines();
    return this.lineTable;
  }

  private function(symbol: string, start: number, end: number): ObjectFunction {
    let known = this.functions.get(start);
    if (known === undefined) {
      known = { symbol, name: this.host.demangle(symbol), start, end, isTrampoline: RESOLVERS.test(symbol), leadsToResolver: false };
      this.functions.set(start, known);
    }
    return known;
  }

  private readLabels(elf: ElfFile): { name: string; start: number; end: number }[] {
    const starts = readSymbols(elf, 0).flatMap((symbol) => {
      if (symbol === undefined || symbol.name === '' || symbol.name.startsWith('$') || !this.isCode(symbol.address)) return [];
      const isLabel = symbol.type === SymbolType.none || symbol.type === SymbolType.function || symbol.type === SymbolType.indirectFunction;
      return isLabel ? [symbol] : [];
    });
    starts.sort((a, b) => a.address - b.address);
    return starts.map(({ name, address, size }, i) => ({
      name,
      start: address,
      end: size > 0 ? address + size : this.labelEnd(address, starts[i + 1]?.address),
    }));
  }

  /** A label without a size reaches to the next symbol, or its section's end. */
  private labelEnd(start: number, next: number | undefined): number {
    const section = this.elf.sections.find((s) => s.type !== SectionType.noBits && s.address !== 0 && start >= s.address && start < s.address + s.size);
    const end = section === undefined ? Number.POSITIVE_INFINITY : section.address + section.size;
    return Math.min(end, next === undefined || next === start ? Number.POSITIVE_INFINITY : next);
  }

  private labelAt(address: number): { readonly name: string; readonly start: number; readonly end: number } | undefined {
    const labels = this.labels();
    const label = labels[upperBound(labels, address, ({ start }) => start) - 1];
    return label !== undefined && address < label.end ? label : undefined;
  }

  /** Names of the functions that the code at an address has been inlined of, the outermost first. */
  inlinedAt(address: number): readonly string[] {
    let names = this.inlined.get(address);
    if (names === undefined) {
      names = this.info.inlinedAt(address).map((name) => this.host.demangle(name));
      this.inlined.set(address, names);
    }
    return names;
  }

  private get info(): DebugInfo {
    this.debugInfo ??= new DebugInfo({
      info: this.section('.debug_info') ?? new Uint8Array(0),
      abbrev: this.section('.debug_abbrev') ?? new Uint8Array(0),
      strings: this.section('.debug_str'),
      lineStrings: this.section('.debug_line_str'),
      stringOffsets: this.section('.debug_str_offsets'),
      addresses: this.section('.debug_addr'),
      ranges: this.section('.debug_ranges'),
      rangeLists: this.section('.debug_rnglists'),
    });
    return this.debugInfo;
  }

  private readLines(): LineTable {
    const sections = {
      line: this.section('.debug_line') ?? new Uint8Array(0),
      lineStrings: this.section('.debug_line_str'),
      strings: this.section('.debug_str'),
    };
    return new LineTable(
      sections,
      (address) => this.isCode(address),
      (offset) => this.info.directoryOf(offset),
    );
  }

  private section(name: string): Uint8Array | undefined {
    return sectionBytes(this.debug(), name, this.host);
  }
}
