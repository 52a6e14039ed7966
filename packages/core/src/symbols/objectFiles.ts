import { UserError } from '../base/index.ts';
import { ElfFile } from '../linux/index.ts';
import type { SymbolHost } from './host.ts';
import { ObjectFile } from './objectFile.ts';

/** Programs' and libraries' files by their paths, each read when it is first asked for. */
export class ObjectFiles {
  private readonly files = new Map<string, ObjectFile | undefined>();

  constructor(private readonly host: SymbolHost) {}

  /** @returns undefined if it cannot be read, or is no ELF file: its code has no names then */
  of(path: string): ObjectFile | undefined {
    if (!this.files.has(path)) this.files.set(path, this.open(path));
    return this.files.get(path);
  }

  private open(path: string): ObjectFile | undefined {
    const bytes = this.host.readFile(path);
    try {
      return bytes && new ObjectFile(path, new ElfFile(bytes, path), this.host);
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }
}
