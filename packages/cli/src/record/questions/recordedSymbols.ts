import type { AddressSpace, Replayer, SymbolHost } from '@everystep/core';
import { MappedFile, type MappedSymbol } from './mappedFile.ts';

const ELF_MAGIC = 0x464c_457f;
/** Mappings of one file lie together: so many before one are looked at for the first. */
const NEAR = 16;
/** Near misses that an error names. */
const HINTS = 3;

/** Functions, data and source lines of a recorded run's processes, at the moment where its replay is: by the files that they have mapped. */
export class RecordedSymbols {
  /** By path and where the file's first page is; undefined: there is none that can be read. */
  private readonly files = new Map<string, MappedFile | undefined>();
  /** As others want them that ask several tables. */
  readonly tables = [{ functionAt: (address: number): MappedSymbol | undefined => this.functionAt(address) }];

  constructor(
    private readonly replayer: Replayer,
    private readonly host: SymbolHost,
  ) {}

  /** The function around an address of the process that runs. */
  functionAt(address: number): MappedSymbol | undefined {
    return this.fileAt(this.replayer.machine.space, address)?.functionAt(address);
  }

  /** Function and offset, `main+0x1c`; '' if no symbol tells. */
  placeOf(address: number): string {
    const symbol = this.functionAt(address);
    return symbol === undefined ? '' : `${symbol.name}+0x${(address - symbol.address).toString(16)}`;
  }

  /** The source line of an instruction of the process that runs. */
  lineAt(address: number): { readonly path: string; readonly line: number } | undefined {
    return this.fileAt(this.replayer.machine.space, address)?.lineAt(address);
  }

  /** All that has this name in any process, the one that runs first; functions of several files may have the same. */
  find(name: string): readonly MappedSymbol[] {
    const found = new Map<number, MappedSymbol>();
    for (const file of this.mapped()) for (const symbol of file.find(name)) if (!found.has(symbol.address)) found.set(symbol.address, symbol);
    return [...found.values()];
  }

  /** Names much like this one. */
  similar(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    const scored = new Map<string, number>();
    for (const file of this.mapped())
      for (const each of file.symbolNames) {
        const score = distance(wanted, each.toLowerCase());
        if (score < Math.max(3, wanted.length / 2)) scored.set(each, score);
      }
    return [...scored]
      .sort(([a, x], [b, y]) => x - y || a.length - b.length || (a < b ? -1 : 1))
      .slice(0, HINTS)
      .map(([each]) => each);
  }

  private mapped(): readonly MappedFile[] {
    const { replayer } = this;
    const { space: running } = replayer.machine;
    const spaces = [running, ...replayer.spaces.filter((space) => space !== undefined && space !== running)] as readonly AddressSpace[];
    return [...new Set(spaces.flatMap((space) => space.list.all.map(({ start }) => this.fileAt(space, start))))].filter((file) => file !== undefined);
  }

  private fileAt(space: AddressSpace, address: number): MappedFile | undefined {
    const { list } = space;
    const index = list.find(address);
    const name = list.all[index]?.name ?? '';
    if (!name.startsWith('/')) return undefined;
    for (let i = index; i >= 0 && i > index - NEAR; i--) {
      const { start } = list.all[i];
      if (list.all[i].name !== name) continue;
      const key = `${start} ${name}`;
      if (this.files.has(key)) return this.files.get(key);
      const magic = space.peek(start, 4);
      if (magic === undefined || new DataView(magic.buffer).getUint32(0, true) !== ELF_MAGIC) continue;
      const file = MappedFile.open(space, name, start, this.host);
      this.files.set(key, file);
      return file;
    }
    return undefined;
  }
}

/** How much two names differ: few for names that begin alike, else changes of letters (Levenshtein). */
function distance(a: string, b: string): number {
  if (b.includes(a)) return Math.min(2, b.length - a.length);
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
