import { SECTION_RESERVED, SECTION_UNDEFINED, SectionType, SYMBOL_SIZE, SymbolType } from './elfConstants.ts';
import type { ElfFile, SectionHeader } from './elfFile.ts';

/** A defined symbol, at its address in the running process. */
export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  /** In bytes; 0 where the file does not say. */
  readonly size: number;
  /** SymbolType */
  readonly type: number;
}

/** Symbols of one loaded file, by address and by name. */
export class SymbolTable {
  /** Functions in ascending order of address. */
  private readonly functions: readonly ElfSymbol[];
  private readonly byName = new Map<string, ElfSymbol>();
  /** Whether the file has a .symtab; QEMU's logs name nothing in a file without. */
  private readonly complete: boolean;

  /**
   * Reads .symtab, or .dynsym where the file is stripped.
   * @param bias what was added to the file's addresses when it was loaded
   */
  constructor(elf: ElfFile, bias: number) {
    this.complete = elf.sections.some((s) => s.type === SectionType.symbolTable);
    const all = readSymbols(elf, bias);
    for (const symbol of all) {
      if (symbol === undefined || symbol.name === '') continue;
      if (symbol.type === SymbolType.section || symbol.type === SymbolType.file || symbol.type === SymbolType.tls) continue;
      if (!this.byName.has(symbol.name)) this.byName.set(symbol.name, symbol);
    }
    this.functions = sortFunctions(all);
  }

  /** The function whose bytes contain `address`. Where several names share a function, the one that QEMU's logs use. */
  functionAt(address: number): ElfSymbol | undefined {
    let low = 0;
    let high = this.functions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const symbol = this.functions[middle];
      if (address < symbol.address) high = middle;
      else if (address >= symbol.address + symbol.size) low = middle + 1;
      else return symbol;
    }
    return undefined;
  }

  /** What QEMU prints behind `IN: ` and in `-d exec` lines: the name of the function around `address`, or nothing. */
  nameAt(address: number): string {
    if (!this.complete) return '';
    return this.functionAt(address)?.name ?? '';
  }

  /** The first function or object of that name. */
  find(name: string): ElfSymbol | undefined {
    return this.byName.get(name);
  }

  /** All functions, in ascending order of address. */
  get all(): readonly ElfSymbol[] {
    return this.functions;
  }
}

/** The symbols of .symtab, or of .dynsym where the file is stripped, in the table's order; undefined where an entry is not defined in this file. */
export function readSymbols(elf: ElfFile, bias: number): (ElfSymbol | undefined)[] {
  const section = elf.sections.find((s) => s.type === SectionType.symbolTable) ?? elf.sections.find((s) => s.type === SectionType.dynamicSymbols);
  const strings: SectionHeader | undefined = section && elf.sections[section.link];
  if (section === undefined || strings === undefined || section.offset + section.size > elf.bytes.length) return [];
  const view = new DataView(elf.bytes.buffer, elf.bytes.byteOffset + section.offset, section.size);
  return Array.from({ length: Math.floor(section.size / SYMBOL_SIZE) }, (_, i) => {
    const at = i * SYMBOL_SIZE;
    const sectionIndex = view.getUint16(at + 6, true);
    if (sectionIndex === SECTION_UNDEFINED || sectionIndex >= SECTION_RESERVED) return undefined;
    return {
      name: elf.string(strings.offset, strings.size, view.getUint32(at, true)),
      type: view.getUint8(at + 4) & 15,
      address: Number(view.getBigUint64(at + 8, true)) + bias,
      size: Number(view.getBigUint64(at + 16, true)),
    };
  });
}

/**
 * Functions by address. Many have several names of one address (write, __write, __libc_write); which of them a binary
 * search hits depends on their order. So that logs name functions as QEMU does, the order is the one it arrives at:
 * holes are filled from the table's end, and a stable sort by address follows.
 */
function sortFunctions(all: readonly (ElfSymbol | undefined)[]): ElfSymbol[] {
  const kept = [...all];
  let i = 0;
  while (i < kept.length) {
    if (kept[i]?.type === SymbolType.function) i++;
    else {
      const last = kept.pop();
      if (i < kept.length) kept[i] = last;
    }
  }
  return (kept as ElfSymbol[]).sort((a, b) => a.address - b.address);
}
