import { ElfType, HEADER_SIZE, PROGRAM_HEADER_SIZE, SECTION_HEADER_SIZE, SectionType, SegmentType, SYMBOL_SIZE } from '../elf/elfConstants.ts';

/** What a test's ELF file holds; everything has a default. */
export interface ElfRecipe {
  readonly type?: number;
  readonly entry?: number;
  readonly segments?: readonly { readonly address: number; readonly data: Uint8Array; readonly memorySize?: number; readonly flags?: number }[];
  /** Program headers besides those of the segments, and what they point at, which no segment loads. */
  readonly extras?: readonly { readonly type: number; readonly data: Uint8Array }[];
  readonly symbols?: readonly { readonly name: string; readonly address: number; readonly size: number; readonly type: number; readonly section?: number }[];
}

/** Builds an AArch64 ELF file for tests: segments at file offsets congruent to their addresses, from 0x1000. */
export function buildElf(recipe: ElfRecipe): Uint8Array {
  const segments = recipe.segments ?? [{ address: 0x400000, data: new Uint8Array(16) }];
  let end = 0;
  const offsets = segments.map((s) => {
    const offset = Math.max(0x1000, Math.ceil(end / 0x1000) * 0x1000) + (s.address % 0x1000);
    end = offset + s.data.length;
    return offset;
  });
  const extras = recipe.extras ?? [];
  const extraOffsets = extras.map(({ data }) => {
    const offset = end;
    end += data.length;
    return offset;
  });
  const symbols = [{ name: '', address: 0, size: 0, type: 0, section: 0 }, ...(recipe.symbols ?? [])];
  const names = symbols.map((s) => `${s.name}\0`).join('');
  const symbolsAt = end;
  const namesAt = symbolsAt + symbols.length * SYMBOL_SIZE;
  const sectionsAt = namesAt + names.length;
  const withSymbols = recipe.symbols !== undefined;
  const bytes = new Uint8Array(withSymbols ? sectionsAt + 3 * SECTION_HEADER_SIZE : end);
  const view = new DataView(bytes.buffer);
  const u64 = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);

  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, recipe.type ?? ElfType.executable, true);
  view.setUint16(18, 183, true);
  view.setUint32(20, 1, true);
  u64(24, recipe.entry ?? segments[0].address);
  u64(32, HEADER_SIZE);
  view.setUint16(52, HEADER_SIZE, true);
  view.setUint16(54, PROGRAM_HEADER_SIZE, true);
  view.setUint16(56, segments.length + extras.length, true);
  segments.forEach((segment, i) => {
    const at = HEADER_SIZE + i * PROGRAM_HEADER_SIZE;
    view.setUint32(at, SegmentType.load, true);
    view.setUint32(at + 4, segment.flags ?? 5, true);
    u64(at + 8, offsets[i]);
    u64(at + 16, segment.address);
    u64(at + 24, segment.address);
    u64(at + 32, segment.data.length);
    u64(at + 40, segment.memorySize ?? segment.data.length);
    u64(at + 48, 0x1000);
    bytes.set(segment.data, offsets[i]);
  });
  extras.forEach(({ type, data }, i) => {
    const at = HEADER_SIZE + (segments.length + i) * PROGRAM_HEADER_SIZE;
    view.setUint32(at, type, true);
    u64(at + 8, extraOffsets[i]);
    u64(at + 32, data.length);
    bytes.set(data, extraOffsets[i]);
  });
  if (!withSymbols) return bytes;

  let nameOffset = 0;
  symbols.forEach((symbol, i) => {
    const at = symbolsAt + i * SYMBOL_SIZE;
    view.setUint32(at, nameOffset, true);
    view.setUint8(at + 4, symbol.type);
    view.setUint16(at + 6, symbol.section ?? 1, true);
    u64(at + 8, symbol.address);
    u64(at + 16, symbol.size);
    nameOffset += symbol.name.length + 1;
  });
  for (let i = 0; i < names.length; i++) bytes[namesAt + i] = names.charCodeAt(i);
  u64(40, sectionsAt);
  view.setUint16(58, SECTION_HEADER_SIZE, true);
  view.setUint16(60, 3, true);
  const section = (index: number, type: number, offset: number, size: number, link: number): void => {
    const at = sectionsAt + index * SECTION_HEADER_SIZE;
    view.setUint32(at + 4, type, true);
    u64(at + 24, offset);
    u64(at + 32, size);
    view.setUint32(at + 40, link, true);
  };
  section(1, SectionType.symbolTable, symbolsAt, symbols.length * SYMBOL_SIZE, 2);
  section(2, SectionType.stringTable, namesAt, names.length, 0);
  return bytes;
}
