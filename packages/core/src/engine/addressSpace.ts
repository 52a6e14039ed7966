import type { LinearMemory } from './linearMemory.ts';

/** A maximal run of pages with one permission and contiguous storage. */
export interface Arena {
  /** First guest address. */
  readonly start: number;
  /** First guest address behind. */
  readonly end: number;
  /** Linear offset of `start`. */
  readonly storage: number;
}

/** One mapping as the guest made it, for /proc/self/maps and `-d page`. */
export interface Mapping {
  readonly start: number;
  readonly end: number;
  /** PROT_READ | PROT_WRITE | PROT_EXEC */
  readonly prot: number;
  /** What is mapped: a path, [heap], [stack], or empty. */
  readonly name: string;
}

/**
 * A process's guest address space: which pages exist, with which permission, and where in linear memory they are.
 * Addresses are numbers below 2^53, page-aligned (4096) where they name pages; anything above is unmapped.
 *
 * Two windows are stored in place, so that neighbours in the guest are neighbours in storage and arenas grow:
 *
 *     guest 0x0000_0000_0000 .. LOW_WINDOW        at GUEST_STORAGE
 *     guest 0x0055_0000_0000 .. + HIGH_WINDOW     behind it (QEMU's mmap and stack area)
 *     anything else                               in what is left of linear memory, taken as it is mapped
 */
export class AddressSpace {
  constructor(readonly memory: LinearMemory) {}

  /** Maps zeroed pages over whatever was there (MAP_FIXED). @returns false if storage is used up (ENOMEM) */
  map(_start: number, _length: number, _prot: number, _name = ''): boolean {
    throw new Error('pending');
  }
  unmap(_start: number, _length: number): void {
    throw new Error('pending');
  }
  /** @returns false if part of the range is not mapped (ENOMEM) */
  protect(_start: number, _length: number, _prot: number): boolean {
    throw new Error('pending');
  }
  /** Lowest free range of `length` bytes at or above `from`, below `limit`. */
  findFree(_length: number, _from: number, _limit: number): number | undefined {
    throw new Error('pending');
  }
  /** True if no page of the range is mapped. */
  isFree(_start: number, _length: number): boolean {
    throw new Error('pending');
  }
  mappings(): readonly Mapping[] {
    throw new Error('pending');
  }
  /** The arena around `address` that permits `prot` (PROT_READ or PROT_WRITE); for PROT_WRITE without pages that are executable. */
  arena(_address: number, _prot: number): Arena | undefined {
    throw new Error('pending');
  }
  /**
   * Copies guest memory out, with the guest's permissions.
   * @returns undefined if any byte is unreadable (EFAULT)
   */
  kernelRead(_address: number, _length: number): Uint8Array | undefined {
    throw new Error('pending');
  }
  /**
   * The kernel's way to write guest memory: checks permission, drops translated code, tells the trace.
   * @returns false if any byte is not writable (EFAULT); then nothing is written
   */
  kernelWrite(_address: number, _data: Uint8Array): boolean {
    throw new Error('pending');
  }
  /** As kernelWrite, but whatever the permission of the (mapped) pages: loading segments, debuggers. */
  pokeBytes(_address: number, _data: Uint8Array): boolean {
    throw new Error('pending');
  }
  /** Reads 32 bits of code. @returns undefined where a byte is not executable */
  fetch32(_pc: number): number | undefined {
    throw new Error('pending');
  }
  /** A NUL-terminated string as bytes without the NUL; undefined if unreadable (EFAULT) or longer than `max`. */
  kernelReadString(_address: number, _max?: number): Uint8Array | undefined {
    throw new Error('pending');
  }
  /** Told whenever bytes or permissions of executable pages change, so that blocks are dropped: guest range. */
  onCodeChange: ((start: number, end: number) => void) | undefined;
  /** Told whenever a mapping shrinks or loses permission, so that memory check slots are reset. */
  onArenaChange: (() => void) | undefined;
  /** Told of what kernelWrite wrote, for trace and journal. */
  onKernelWrite: ((address: number, data: Uint8Array) => void) | undefined;
}
