/** What symbol readers need of the system that they run on. */
export interface SymbolHost {
  /** A file's bytes; undefined where it cannot be read. */
  readFile(path: string): Uint8Array | undefined;
  /** What a section's bytes become, compressed by zlib or zstd; undefined where that cannot be told. */
  decompress(kind: 'zlib' | 'zstd', bytes: Uint8Array, size: number): Uint8Array | undefined;
  /** A symbol's name as its programmer wrote it; the name itself where it is not mangled. */
  demangle(name: string): string;
  /** Something that the user should know, one line. */
  warn(text: string): void;
}
