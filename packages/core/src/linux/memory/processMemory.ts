import { type AddressSpace, PROT_READ, PROT_WRITE } from '../../engine/index.ts';
import type { LibraryPlaces } from './libraryPlaces.ts';
import { pageLayout } from './pageLog.ts';

export const PAGE = 4096;
export const pageDown = (n: number): number => Math.floor(n / PAGE) * PAGE;
export const pageUp = (n: number): number => Math.ceil(n / PAGE) * PAGE;

/** First address that no mapping may reach: what a 64-bit host lets QEMU hand out. */
export const ADDRESS_LIMIT = 2 ** 47 - PAGE;

/** The page at address 0 is never mapped: mmap_min_addr of a Linux that allows the most. */
export const LOWEST_ADDRESS = 4096;

/**
 * Where a process's mappings go: the break, and the addresses that mmap chooses. They are those that QEMU chooses on a
 * host whose own mappings are out of the way.
 */
export class ProcessMemory {
  /** Where the next mapping without a wish goes, if it is free. */
  private next: number;
  private breakStart = 0;
  private breakEnd = 0;
  /** First address behind the pages of the break. */
  private breakPages = 0;
  /** The highest end there has been: what lies between the end and this may hold old data. */
  private breakHighest = 0;

  /**
   * @param base where room is looked for first
   * @param log takes the text of `-d page`; undefined where it is not wanted
   * @param libraries where libraries go; undefined: where any mapping goes
   */
  constructor(
    readonly space: AddressSpace,
    private readonly base: number,
    private readonly log?: (text: string) => void,
    private readonly libraries?: LibraryPlaces,
  ) {
    this.next = base;
  }

  /** The same for a copy of the address space. */
  fork(space: AddressSpace): ProcessMemory {
    const copy = new ProcessMemory(space, this.base, this.log, this.libraries);
    copy.next = this.next;
    copy.breakStart = this.breakStart;
    copy.breakEnd = this.breakEnd;
    copy.breakPages = this.breakPages;
    copy.breakHighest = this.breakHighest;
    return copy;
  }

  /** `-d page`: the layout after a change. */
  logLayout(occasion: string): void {
    this.log?.(`page layout changed following ${occasion}\n${pageLayout(this.space)}`);
  }

  /** More text for `-d page`. */
  logText(text: string): void {
    this.log?.(text);
  }

  /**
   * Room for a mapping of `length` bytes: at `hint` if that is not 0 and free, else behind the mappings made before.
   * A mapping without a hint moves the place for the next one, even if the mapping then fails.
   * @returns undefined if there is none (ENOMEM)
   */
  findRoom(hint: number, length: number): number | undefined {
    const size = pageUp(length);
    const start = hint === 0 ? this.next : pageDown(hint);
    let address: number | undefined = start;
    if (start < LOWEST_ADDRESS || start + size > ADDRESS_LIMIT || !this.space.isFree(start, size)) {
      address = this.space.findFree(size, this.next, ADDRESS_LIMIT) ?? this.space.findFree(size, this.base, ADDRESS_LIMIT);
    }
    if (address !== undefined && start === this.next) this.next = address + size;
    return address;
  }

  /** As `findRoom` without a hint, for code of a file that can be anywhere. */
  findLibraryRoom(path: string, length: number): number | undefined {
    const place = this.libraries?.of(path, length);
    return place !== undefined && this.space.isFree(place, pageUp(length)) ? place : this.findRoom(0, length);
  }

  /** Maps zeroed pages over whatever was there. @returns false if memory is used up (ENOMEM) */
  map(start: number, length: number, prot: number, name = ''): boolean {
    const mapped = this.space.map(start, pageUp(length), prot, name);
    if (mapped) this.logLayout('mmap');
    return mapped;
  }

  /** Sets where the break begins: behind the program's last segment. */
  setBreak(address: number): void {
    this.breakStart = this.breakEnd = this.breakPages = pageUp(address);
  }

  /** Begin and end of the break, for /proc/self/stat. */
  get breakRange(): readonly [start: number, end: number] {
    return [this.breakStart, this.breakEnd];
  }

  /**
   * Moves the end of the break; memory that it gains is zero.
   * @returns the new end, or the old one where it cannot move there
   */
  setBreakEnd(address: number): number {
    if (address < this.breakStart || address > ADDRESS_LIMIT) return this.breakEnd;
    if (address > this.breakPages) {
      const length = pageUp(address - this.breakPages);
      if (!this.space.isFree(this.breakPages, length) || !this.map(this.breakPages, length, PROT_READ | PROT_WRITE, '[heap]')) return this.breakEnd;
    }
    const stale = Math.min(address, this.breakHighest);
    if (stale > this.breakEnd && !this.space.kernelWrite(this.breakEnd, new Uint8Array(stale - this.breakEnd))) return this.breakEnd;
    this.breakPages = Math.max(this.breakPages, pageUp(address));
    this.breakHighest = Math.max(this.breakHighest, address);
    this.breakEnd = address;
    return address;
  }
}
