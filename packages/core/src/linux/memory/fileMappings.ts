import type { AddressSpace } from '../../engine/index.ts';
import { release } from '../files/fileTable.ts';
import type { OpenFile } from '../files/openFile.ts';
import type { HostStat } from '../host.ts';
import { type MappedFile, type MappedFiles, readPages, type SharedView } from './mappedFile.ts';

const PAGE = 4096;
const pageUp = (n: number): number => Math.ceil(n / PAGE) * PAGE;

/** S_IFMT and S_IFREG. */
const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;

/** A line of /proc/PID/maps. */
export interface MappedRange {
  readonly start: number;
  readonly end: number;
  readonly prot: number;
  readonly name: string;
  readonly offset: number;
  readonly device: bigint;
  readonly inode: bigint;
  readonly shared: boolean;
}

/** Part of a file that is mapped. */
export interface FilePart {
  /** As in /proc/PID/maps. */
  readonly path: string;
  readonly start: number;
  /** First address behind it. */
  readonly end: number;
  /** In the file, of `start`. */
  readonly offset: number;
}

/** What a mapping shows: a file, from an offset on. */
interface Backing {
  readonly name: string;
  readonly device: bigint;
  readonly inode: bigint;
  /** undefined: part of the program's own file, which is as it was loaded. */
  readonly file: OpenFile | undefined;
  /** Of a shared mapping. */
  readonly mapped: MappedFile | undefined;
}

/**
 * A mapping of a file. Pages that lie wholly behind the file's end are there, but nobody can use them:
 *
 *     start ───── pages of the file ───── usable ───── SIGBUS ───── end
 */
class FileMapping implements SharedView {
  usable: number;

  constructor(
    readonly space: AddressSpace,
    readonly start: number,
    readonly end: number,
    readonly offset: number,
    readonly backing: Backing,
    /** As the guest asked for it. */
    public prot: number,
    usable: number,
  ) {
    this.usable = Math.min(Math.max(usable, start), end);
    if (backing.file !== undefined) backing.file.references++;
    backing.mapped?.views.add(this);
  }

  get file(): OpenFile {
    const { file } = this.backing;
    if (file === undefined) throw new TypeError('a program’s own mapping has no open file');
    return file;
  }

  /** Ends it, without unmapping anything. */
  drop(): void {
    const { file, mapped } = this.backing;
    mapped?.views.delete(this);
    if (file !== undefined) release(file);
  }

  /** Maps the pages from `from` up to `to`, which the file reaches now. @returns false if memory is used up */
  populate(from: number, to: number): boolean {
    const { space, backing, prot } = this;
    const { mapped, name } = backing;
    for (let at = from; at < to; ) {
      const page = (this.offset + (at - this.start)) / PAGE;
      const elsewhere = mapped?.where(page);
      let count = 1;
      if (elsewhere !== undefined) {
        if (!space.mapSame(at, PAGE, prot, name, elsewhere.space, elsewhere.address)) return false;
      } else {
        while (at + count * PAGE < to && mapped?.where(page + count) === undefined) count++;
        if (!space.map(at, count * PAGE, prot, name, mapped !== undefined)) return false;
        const bytes = mapped === undefined ? readPages(this.file, page * PAGE, count * PAGE) : mapped.load(this.file, page, count);
        // Memory without any permission has no place for them until it is given some.
        if (!space.pokeBytes(at, bytes)) return false;
      }
      at += count * PAGE;
    }
    return true;
  }

  resized(size: number): void {
    const usable = Math.min(this.end, this.start + pageUp(Math.max(0, size - this.offset)));
    if (usable > this.usable) {
      const from = this.usable;
      this.usable = usable;
      this.populate(from, usable);
      return;
    }
    if (usable < this.usable) this.space.map(usable, this.usable - usable, 0, this.backing.name, true);
    this.usable = usable;
    const rest = this.start + (size - this.offset);
    if (rest > this.start && rest < usable) this.space.pokeBytes(rest, new Uint8Array(usable - rest));
  }
}

/** What is known of a process's mappings of files, besides their pages and permissions. */
export class FileMappings {
  private mappings: FileMapping[] = [];

  constructor(
    private readonly space: AddressSpace,
    private readonly files: MappedFiles,
  ) {}

  /** The same for a copy of the address space. */
  fork(space: AddressSpace): FileMappings {
    const copy = new FileMappings(space, this.files);
    copy.mappings = this.mappings.map((m) => new FileMapping(space, m.start, m.end, m.offset, m.backing, m.prot, m.usable));
    return copy;
  }

  /** Notes what the loader mapped of the program's file. */
  noteProgram(start: number, end: number, offset: number, name: string, stat: HostStat | undefined): void {
    const backing = { name, device: stat?.device ?? 0n, inode: stat?.inode ?? 0n, file: undefined, mapped: undefined };
    this.insert(new FileMapping(this.space, start, end, offset, backing, 0, end));
  }

  /** Maps a file over whatever was there. @returns false if memory is used up */
  add(start: number, end: number, file: OpenFile, offset: number, prot: number, name: string, shared: boolean): boolean {
    const stat = file.stat();
    const isRegular = (stat.mode & TYPE_MASK) === REGULAR;
    const mapped = shared && isRegular ? this.files.of(stat) : undefined;
    if (mapped !== undefined) file.mapped = mapped;
    const size = isRegular ? Number(stat.size) : Number.MAX_SAFE_INTEGER;
    const usable = Math.min(end, start + pageUp(Math.max(0, size - offset)));
    const mapping = new FileMapping(this.space, start, end, offset, { name, device: stat.device, inode: stat.inode, file, mapped }, prot, usable);
    this.insert(mapping);
    return mapping.populate(start, mapping.usable) && (mapping.usable === end || this.space.map(mapping.usable, end - mapping.usable, 0, name, shared));
  }

  private insert(mapping: FileMapping): void {
    this.mappings.push(mapping);
    this.mappings.sort((a, b) => a.start - b.start);
  }

  /** Writes back what lies in the range. */
  writeBack(start: number, end: number): void {
    for (const mapping of this.mappings) if (mapping.start < end && mapping.end > start) mapping.backing.mapped?.writeBack(mapping, start, end);
  }

  /** Writes back what is mapped of a file. */
  writeBackFile(file: OpenFile): void {
    for (const view of file.mapped?.views ?? []) file.mapped?.writeBack(view, view.start, view.end);
  }

  /** Writes back and forgets what lies in the range: it is about to be unmapped or mapped anew. */
  remove(start: number, end: number): void {
    if (!this.mappings.some((m) => m.start < end && m.end > start)) return;
    this.writeBack(start, end);
    this.cut(start, end);
    this.files.tidy();
  }

  /** Splits the mappings at both ends of a range, and takes out what lies in it. */
  private cut(start: number, end: number): FileMapping[] {
    const taken: FileMapping[] = [];
    this.mappings = this.mappings.flatMap((m) => {
      if (m.start >= end || m.end <= start) return [m];
      const piece = (from: number, to: number): FileMapping[] =>
        from < to ? [new FileMapping(this.space, from, to, m.offset + (from - m.start), m.backing, m.prot, m.usable)] : [];
      const before = piece(m.start, start);
      const after = piece(end, m.end);
      taken.push(...piece(Math.max(m.start, start), Math.min(m.end, end)));
      m.drop();
      return [...before, ...after];
    });
    for (const m of taken) m.drop();
    return taken;
  }

  /** Whether part of a range may not be made writable: it shows a file that was opened for reading only. */
  forbidsWriting(start: number, end: number): boolean {
    return this.mappings.some((m) => m.start < end && m.end > start && m.backing.mapped !== undefined && !m.file.canWrite);
  }

  /** The permissions of a range have been changed: pages behind the end of a file stay unusable. */
  protected(start: number, end: number, prot: number): void {
    if (!this.mappings.some((m) => m.start < end && m.end > start)) return;
    for (const { offset, backing, usable, ...m } of this.cut(start, end)) {
      this.insert(new FileMapping(this.space, m.start, m.end, offset, backing, prot, usable));
      const from = Math.max(m.start, usable);
      if (from < m.end) this.space.protect(from, m.end - from, 0);
    }
  }

  /** A range has been moved by mremap, with its pages; what it has grown by shows what follows in the file. @returns false if memory is used up */
  moved(from: number, oldLength: number, to: number, length: number): boolean {
    const taken = this.cut(from, from + oldLength);
    this.cut(to, to + length);
    let done = true;
    for (const m of taken) {
      const start = to + (m.start - from);
      const isLast = m.end === from + oldLength;
      const end = isLast ? to + length : Math.min(to + (m.end - from), to + length);
      if (start >= end) continue;
      const usable = to + (m.usable - from);
      const mapping = new FileMapping(this.space, start, end, m.offset, m.backing, m.prot, usable);
      this.insert(mapping);
      if (end - start <= m.end - m.start || m.backing.file === undefined) continue;
      this.space.map(start + (m.end - m.start), end - start - (m.end - m.start), 0, m.backing.name, m.backing.mapped !== undefined);
      mapping.usable = Math.min(mapping.usable, start + (m.end - m.start));
      const before = mapping.usable;
      const size = Number(m.backing.file.stat().size);
      mapping.usable = Math.max(before, Math.min(end, start + pageUp(Math.max(0, size - m.offset))));
      done &&= mapping.populate(before, mapping.usable);
    }
    return done;
  }

  /** MADV_DONTNEED: private pages are again as the file has them. */
  discard(start: number, end: number): void {
    for (const m of this.mappings) {
      const [from, to] = [Math.max(start, m.start), Math.min(end, m.usable)];
      if (from >= to || m.backing.mapped !== undefined || m.backing.file === undefined) continue;
      this.space.pokeBytes(from, readPages(m.backing.file, m.offset + (from - m.start), to - from));
    }
  }

  /** The file that is mapped at an address, and where; undefined: none. */
  at(address: number): FilePart | undefined {
    const found = this.mappings.find(({ start, end }) => address >= start && address < end);
    return found && { path: found.backing.name, start: found.start, end: found.end, offset: found.offset };
  }

  /** Whether an address belongs to a mapping of a file. */
  has(address: number): boolean {
    return this.mappings.some(({ start, end }) => address >= start && address < end);
  }

  /** Whether there is a writable shared mapping of the file. */
  isWritable(file: OpenFile): boolean {
    return this.mappings.some((m) => m.backing.mapped !== undefined && m.backing.mapped === file.mapped && m.file.canWrite);
  }

  /**
   * What an access to pages without permission means: 'retry' if the file reaches there by now, 'bus' if it does not;
   * undefined if it is no business of a file's.
   */
  explain(address: number): 'retry' | 'bus' | undefined {
    const m = this.mappings.find(({ start, end }) => address >= start && address < end);
    if (m === undefined || m.prot === 0 || address < m.usable) return undefined;
    const before = m.usable;
    m.resized(Number(m.file.stat().size));
    return m.usable > before && address < m.usable ? 'retry' : 'bus';
  }

  /** All of the process's mappings, in ascending order. */
  ranges(): MappedRange[] {
    const ranges: MappedRange[] = [];
    for (const { start, end, prot, name } of this.space.mappings()) {
      for (let at = start; at < end; ) {
        const m = this.mappings.find((each) => at < each.end && each.end > at && each.start < end);
        const isIn = m !== undefined && m.start <= at;
        const to = m === undefined ? end : Math.min(end, isIn ? m.end : m.start);
        const facts = isIn ? { offset: m.offset + (at - m.start), device: m.backing.device, inode: m.backing.inode } : { offset: 0, device: 0n, inode: 0n };
        const shared = (isIn && m.backing.mapped !== undefined) || this.space.sharedStorage(at) !== undefined;
        add({ start: at, end: to, prot: isIn && at >= m.usable ? m.prot : prot, name, ...facts, shared });
        at = to;
      }
    }
    return ranges;

    function add(range: MappedRange): void {
      const last = ranges.at(-1);
      const continues =
        last !== undefined &&
        last.end === range.start &&
        last.prot === range.prot &&
        last.name === range.name &&
        last.inode === range.inode &&
        last.shared === range.shared &&
        (range.inode === 0n || last.offset + (last.end - last.start) === range.offset);
      if (continues) ranges[ranges.length - 1] = { ...last, end: range.end };
      else ranges.push(range);
    }
  }

  writeBackAll(): void {
    this.remove(0, Number.MAX_SAFE_INTEGER);
  }
}
