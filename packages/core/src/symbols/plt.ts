import { type ElfFile, type SectionHeader, SYMBOL_SIZE } from '../linux/index.ts';
import type { ObjectFunction } from './objectFile.ts';

/** Bytes of an entry of .rela.plt (Elf64_Rela). */
const RELOCATION = 24;
/** R_AARCH64_TLSDESC: the type of relocations in .rela.plt that no entry belongs to. */
const TLS_DESCRIPTOR = 1031;
/** Bytes of the header, and of an entry: 16, or 24 where entries check their callers; by falling likelihood. */
const SHAPES: readonly (readonly [header: number, entry: number])[] = [
  [32, 16],
  [32, 24],
  [0, 16],
  [0, 24],
];
/** Bytes of what may stand behind the entries, for descriptors of thread-local variables that are looked up when first used. */
const TRAILERS = [0, 32, 36];

/**
 * The entries of a file's procedure linkage table, by which it calls functions of others: `name@plt` each. Entries stand in
 * the order of .rela.plt, behind a header:
 *
 *     .plt   header   entry 0   entry 1 …   trailer
 */
export function pltEntries(elf: ElfFile): ObjectFunction[] {
  const relocations = elf.sections.find((s) => s.name === '.rela.plt');
  const tables = elf.sections.filter((s) => s.name.startsWith('.plt') || s.name === '.iplt');
  return tables.flatMap((table) => {
    const whole = { start: table.address, end: table.address + table.size };
    const names = table.name === '.plt' && relocations !== undefined ? relocatedNames(elf, relocations) : [];
    const shape = names.length === 0 ? undefined : shapeOf(table, names.length);
    if (shape === undefined) return [entry(`[${table.name}]`, whole.start, whole.end)];
    const first = whole.start + shape.header;
    const end = first + names.length * shape.size;
    const entries = names.map((name, i) => entry(`${name === '' ? '*' : name}@plt`, first + i * shape.size, first + (i + 1) * shape.size));
    return [
      ...(first === whole.start ? [] : [{ ...entry('[.plt]', whole.start, first), leadsToResolver: true }]),
      ...entries,
      ...(end === whole.end ? [] : [entry('[.plt]', end, whole.end)]),
    ];
  });
}

/** Bytes of the header and of an entry; undefined: not known. Linkers from binutils 2.36 on do not tell the latter. */
function shapeOf({ size, entrySize }: SectionHeader, entries: number): { readonly header: number; readonly size: number } | undefined {
  if (entrySize !== 0) {
    const header = size - entries * entrySize;
    return header < 0 ? undefined : { header, size: entrySize };
  }
  for (const trailer of TRAILERS) for (const [header, each] of SHAPES) if (header + entries * each + trailer === size) return { header, size: each };
  return undefined;
}

const entry = (name: string, start: number, end: number): ObjectFunction => ({ symbol: name, name, start, end, isTrampoline: true, leadsToResolver: false });

/** The symbols' names that a section of relocations refers to, in its order; '' where there is none. */
function relocatedNames(elf: ElfFile, relocations: SectionHeader): string[] {
  const { bytes, sections } = elf;
  const symbols = sections[relocations.link];
  const strings = symbols && sections[symbols.link];
  if (strings === undefined || relocations.offset + relocations.size > bytes.length || symbols.offset + symbols.size > bytes.length) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(relocations.size / RELOCATION) }, (_, i) => relocations.offset + i * RELOCATION + 8)
    .filter((at) => view.getUint32(at, true) !== TLS_DESCRIPTOR)
    .map((at) => {
      // r_info: the type, then the symbol's number.
      const symbol = view.getUint32(at + 4, true);
      if (symbol === 0 || (symbol + 1) * SYMBOL_SIZE > symbols.size) return '';
      return elf.string(strings.offset, strings.size, view.getUint32(symbols.offset + symbol * SYMBOL_SIZE, true));
    });
}
