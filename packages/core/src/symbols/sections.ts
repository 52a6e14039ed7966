import { fromHalves } from '../base/index.ts';
import { type ElfFile, SectionType } from '../linux/index.ts';
import type { SymbolHost } from './host.ts';

/** SHF_COMPRESSED */
const COMPRESSED = 0x800;
/** ELFCOMPRESS_ZLIB, ELFCOMPRESS_ZSTD */
const COMPRESSIONS: ReadonlyMap<number, 'zlib' | 'zstd'> = new Map([
  [1, 'zlib'],
  [2, 'zstd'],
]);
const COMPRESSION_HEADER = 24;

/** The contents of a section, decompressed; undefined where the file has none of that name, or it cannot be read. */
export function sectionBytes({ sections, bytes }: ElfFile, name: string, host: SymbolHost): Uint8Array | undefined {
  const section = sections.find((s) => s.name === name && s.type !== SectionType.noBits);
  if (section === undefined || section.offset + section.size > bytes.length) return undefined;
  const contents = bytes.subarray(section.offset, section.offset + section.size);
  if ((section.flags & COMPRESSED) === 0) return contents;
  if (contents.length < COMPRESSION_HEADER) return undefined;
  const view = new DataView(contents.buffer, contents.byteOffset);
  const kind = COMPRESSIONS.get(view.getUint32(0, true));
  const size = fromHalves(view.getUint32(8, true), view.getUint32(12, true));
  return kind === undefined ? undefined : host.decompress(kind, contents.subarray(COMPRESSION_HEADER), size);
}
