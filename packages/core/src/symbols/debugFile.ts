import { crc32, UserError } from '../base/index.ts';
import { buildIdOf, ElfFile, SectionType } from '../linux/index.ts';
import type { SymbolHost } from './host.ts';
import { sectionBytes } from './sections.ts';

const DEBUG_FOLDER = '/usr/lib/debug';

/**
 * Finds the file that has the debugging information of a program, where that has been split off (GDB's manual, "Debugging
 * Information in Separate Files"): by the program's build-id, or by the name and sum in its `.gnu_debuglink`. It is looked
 * for in the program's folder, in `.debug` there, and in /usr/lib/debug of each folder around it: a sysroot has its own.
 * @returns undefined where the program needs none, or there is none
 */
export function findDebugFile(path: string, elf: ElfFile, host: SymbolHost): ElfFile | undefined {
  const has = (name: string): boolean => elf.sections.some((s) => s.name === name && s.type !== SectionType.noBits);
  if (has('.debug_line') || (has('.symtab') && !has('.gnu_debuglink'))) return undefined;
  const folder = path.slice(0, path.lastIndexOf('/'));
  const roots = foldersAround(folder);
  const buildId = buildIdOf(elf);
  if (buildId !== '') {
    const name = `/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
    for (const root of roots) {
      const found = open(`${root}${DEBUG_FOLDER}${name}`, host);
      if (found !== undefined && buildIdOf(found) === buildId) return found;
    }
  }
  const link = debugLink(elf, host);
  if (link === undefined) return undefined;
  const folders = [folder, `${folder}/.debug`, ...roots.map((root) => `${root}${DEBUG_FOLDER}${folder.slice(root.length)}`)];
  for (const each of folders) {
    const candidate = `${each}/${link.name}`;
    if (candidate === path) continue;
    const bytes = host.readFile(candidate);
    if (bytes !== undefined && crc32(bytes) === link.sum) return parse(candidate, bytes);
  }
  return undefined;
}

/** A folder, and those that it is in; the outermost is ''. */
function foldersAround(folder: string): string[] {
  const all = [folder];
  for (let rest = folder; rest.includes('/'); ) {
    rest = rest.slice(0, rest.lastIndexOf('/'));
    all.push(rest);
  }
  return all;
}

/** Name, NUL, bytes up to a multiple of 4, CRC-32. */
function debugLink(elf: ElfFile, host: SymbolHost): { readonly name: string; readonly sum: number } | undefined {
  const bytes = sectionBytes(elf, '.gnu_debuglink', host);
  const end = bytes?.indexOf(0) ?? -1;
  const at = (end + 4) & -4;
  if (bytes === undefined || end < 0 || at + 4 > bytes.length) return undefined;
  const name = String.fromCharCode(...bytes.subarray(0, end));
  return { name, sum: new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true) };
}

function open(path: string, host: SymbolHost): ElfFile | undefined {
  const bytes = host.readFile(path);
  return bytes && parse(path, bytes);
}

function parse(path: string, bytes: Uint8Array): ElfFile | undefined {
  try {
    return new ElfFile(bytes, path);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
