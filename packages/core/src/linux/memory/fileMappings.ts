import type { AddressSpace } from '../../engine/index.ts';
import { release } from '../files/fileTable.ts';
import type { OpenFile } from '../files/openFile.ts';

interface SharedMapping {
  readonly start: number;
  readonly end: number;
  readonly file: OpenFile;
  /** Offset in the file of `start`. */
  readonly offset: number;
}

/**
 * Writable shared mappings of files. Their pages are copies of the file's, which go back to it when the mapping is
 * synchronised or ends, as far as the file reaches.
 */
export class FileMappings {
  private mappings: SharedMapping[] = [];

  constructor(private readonly space: AddressSpace) {}

  /** The same for a copy of the address space. */
  fork(space: AddressSpace): FileMappings {
    const copy = new FileMappings(space);
    for (const mapping of this.mappings) {
      mapping.file.references++;
      copy.mappings.push(mapping);
    }
    return copy;
  }

  add(start: number, length: number, file: OpenFile, offset: number): void {
    file.references++;
    this.mappings.push({ start, end: start + length, file, offset });
  }

  /** Writes back what lies in the range. */
  writeBack(start: number, end: number): void {
    for (const mapping of this.mappings) {
      const from = Math.max(start, mapping.start);
      const position = mapping.offset + (from - mapping.start);
      const to = Math.min(end, mapping.end, from + Number(mapping.file.stat().size) - position);
      const bytes = to > from ? this.space.kernelRead(from, to - from) : undefined;
      if (bytes !== undefined) mapping.file.writeAt(bytes, position);
    }
  }

  /** Writes back and forgets what lies in the range: it is about to be unmapped or mapped anew. */
  remove(start: number, end: number): void {
    if (!this.mappings.some((m) => m.start < end && m.end > start)) return;
    this.writeBack(start, end);
    this.mappings = this.mappings.flatMap((mapping) => {
      if (mapping.start >= end || mapping.end <= start) return [mapping];
      const rest: SharedMapping[] = [];
      if (mapping.start < start) rest.push({ ...mapping, end: start });
      if (mapping.end > end) rest.push({ ...mapping, start: end, offset: mapping.offset + (end - mapping.start) });
      mapping.file.references += rest.length;
      release(mapping.file);
      return rest;
    });
  }

  /** Writes back what is mapped of a file. */
  writeBackFile(file: OpenFile): void {
    for (const { file: mapped, start, end } of this.mappings) if (mapped === file) this.writeBack(start, end);
  }

  /** Whether there is a writable shared mapping of the file. */
  isWritable(file: OpenFile): boolean {
    return this.mappings.some((mapping) => mapping.file === file);
  }

  writeBackAll(): void {
    this.remove(0, Number.MAX_SAFE_INTEGER);
  }
}
