import type { AddressSpace } from '../../engine/index.ts';
import { LinuxError } from '../errno.ts';
import type { OpenFile } from '../files/openFile.ts';
import type { HostStat } from '../host.ts';

const PAGE = 4096;

/** A part of an address space that shows a part of a file (MAP_SHARED). */
export interface SharedView {
  readonly space: AddressSpace;
  readonly start: number;
  readonly end: number;
  /** Offset in the file of `start`. */
  readonly offset: number;
  readonly file: OpenFile;
  /** The file's size has changed. */
  resized(size: number): void;
}

/** A number that tells one page's contents from another's. */
function checksum(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let i = 0; i < words.length; i++) sum = Math.imul(sum ^ words[i], 0x01000193) ^ (sum >>> 15);
  return sum;
}

/**
 * A file of which guests have shared mappings: its pages are in memory once, whoever maps them, and go back to the file when
 * somebody reads it there, synchronises it, or unmaps it. Pages that nobody has changed are never written.
 */
export class MappedFile {
  readonly views = new Set<SharedView>();
  /** Of the file, as was last seen. */
  private size = 0;
  /** Checksums of pages in memory as the file has them, by their number. */
  private readonly clean = new Map<number, number>();

  /** Where a page of the file is in memory already. */
  where(page: number): { readonly space: AddressSpace; readonly address: number } | undefined {
    for (const { space, start, end, offset } of this.views) {
      const address = start + (page * PAGE - offset);
      if (address >= start && address < end && space.sharedStorage(address) !== undefined) return { space, address };
    }
    return undefined;
  }

  /** What is in memory behind the file's end is not the file's. */
  private clearTail(size: number): void {
    const place = size % PAGE === 0 ? undefined : this.where(Math.floor(size / PAGE));
    place?.space.pokeBytes(place.address + (size % PAGE), new Uint8Array(PAGE - (size % PAGE)));
  }

  /** Reads whole pages from the file. */
  load(file: OpenFile, first: number, count: number): Uint8Array {
    this.size = Number(file.stat().size);
    const bytes = readPages(file, first * PAGE, count * PAGE);
    for (let i = 0; i < count; i++) this.clean.set(first + i, checksum(bytes.subarray(i * PAGE, (i + 1) * PAGE)));
    return bytes;
  }

  /** Writes back what has been changed between two addresses of a view, as far as the file reaches. */
  writeBack({ space, start, end, offset, file }: SharedView, from: number, to: number): void {
    if (!file.canWrite) return;
    const size = Number(file.stat().size);
    for (let address = Math.max(start, from); address < Math.min(end, to); address += PAGE) {
      const position = offset + (address - start);
      if (position >= size) break;
      this.clearTail(size);
      const bytes = space.peek(address, PAGE);
      if (bytes === undefined) continue;
      const sum = checksum(bytes);
      if (this.clean.get(position / PAGE) === sum) continue;
      this.clean.set(position / PAGE, sum);
      storeIfPossible(file, bytes.subarray(0, Math.min(PAGE, size - position)), position);
    }
  }

  /** Somebody reads the file: what has been changed in memory is to be seen. */
  beforeRead(from: number, to: number): void {
    for (const view of this.views) {
      const begin = view.start + Math.floor((from - view.offset) / PAGE) * PAGE;
      this.writeBack(view, begin, view.start + (to - view.offset));
    }
  }

  /** Somebody is about to write to the file: what has been changed in memory comes before. */
  writeBackAll(): void {
    for (const view of this.views) this.writeBack(view, view.start, view.end);
  }

  /** Somebody has written to the file: what is in memory of it is read anew. */
  afterWrite(file: OpenFile, from: number, to: number): void {
    this.resized(Number(file.stat().size));
    for (let page = Math.floor(from / PAGE); page * PAGE < to; page++) {
      const place = this.where(page);
      const [view] = this.views;
      if (place === undefined || view === undefined) continue;
      const bytes = this.load(view.file, page, 1);
      const [first, last] = [Math.max(0, from - page * PAGE), Math.min(PAGE, to - page * PAGE)];
      // A recording tells who wrote what: of the page, nobody has written the rest, unless the host did.
      const isRest = (byte: number, at: number): boolean => byte === bytes[at] || (at >= first && at < last);
      if (place.space.peek(place.address, PAGE)?.every(isRest)) place.space.pokeBytes(place.address + first, bytes.subarray(first, last));
      else place.space.pokeBytes(place.address, bytes);
    }
  }

  /** The file has this size now. */
  resized(size: number): void {
    if (size > this.size) this.clearTail(this.size);
    this.size = size;
    for (const page of this.clean.keys()) if (page * PAGE >= size) this.clean.delete(page);
    for (const view of this.views) view.resized(size);
  }
}

/** Bytes of a file; zeros behind its end. */
export function readPages(file: OpenFile, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = file.fetch(bytes.subarray(done), position + done);
    if (count === 0) break;
    done += count;
  }
  return bytes;
}

/** The files that guests have shared mappings of. */
export class MappedFiles {
  private readonly files = new Map<string, MappedFile>();

  /** Finds or makes what is known of a file. */
  of(stat: HostStat): MappedFile {
    const found = this.files.get(keyOf(stat)) ?? new MappedFile();
    this.files.set(keyOf(stat), found);
    return found;
  }

  /** What is known of a file that somebody has a shared mapping of. */
  find(stat: HostStat): MappedFile | undefined {
    return this.files.size === 0 ? undefined : this.files.get(keyOf(stat));
  }

  /** Forgets files that nobody maps any more. */
  tidy(): void {
    for (const [key, { views }] of this.files) if (views.size === 0) this.files.delete(key);
  }
}

const keyOf = ({ device, inode }: HostStat): string => `${device}:${inode}`;

/** Writes a page back. Where there is no room for it, it is lost, as on Linux, where nobody who could be told waits for it. */
function storeIfPossible(file: OpenFile, data: Uint8Array, position: number): void {
  try {
    file.store(data, position);
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
  }
}
