import { assert } from '../base/index.ts';
import type { BranchTargets } from '../guest/index.ts';
import { type GuestStorage, PAGE } from './guestStorage.ts';
import type { LinearMemory } from './linearMemory.ts';
import { PROT_EXEC, PROT_GUARDED, PROT_READ, PROT_WRITE } from './seams.ts';
import { SpaceFamily } from './spaceFamily.ts';
import { type Arena, continues, inArena, kept, type Mapping, makeVma, permits, type Vma } from './vma.ts';
import { VmaList } from './vmaList.ts';

/** Pages that others have, too, are copied so many bytes at a time; where pages are counted, so many are taken into use. */
const COPY_BYTES = 16 * PAGE;

/** Runs of pages beyond which guests get no more: they cost memory of ours. Linux has 65,530 of them. */
const CROWDED = 1 << 17;

/**
 * A process's guest address space: which pages exist, with which permission, and where in linear memory they are.
 * Addresses are numbers below 2^53, page-aligned (4096) where they name pages; anything above is unmapped.
 *
 * The first address space has two windows that are stored in place, so that neighbours in the guest are neighbours in
 * storage and arenas grow:
 *
 *     guest 0x0000_0000_0000 .. + 1 GiB    at GUEST_STORAGE
 *     guest 0x0055_0000_0000 .. + 2 GiB    behind it (QEMU's mmap and stack area)
 *     anything else                        in what is left of linear memory, taken as it is mapped
 *
 * In a smaller linear memory the windows take a quarter and half of it. Pages mapped without any permission take no
 * storage. Several address spaces live in one linear memory: a fork shares all pages until one side writes them. Then the
 * older one keeps the place, so that its arenas stay whole, and the other gets a copy.
 *
 * Permissions are those of AArch64 Linux on a CPU without execute-only memory (and of QEMU): whatever may be written
 * or executed may also be read.
 */
export class AddressSpace {
  /** What is mapped, for those who look at all of it. */
  readonly list = new VmaList();
  private readonly vmas = this.list.all;
  /** Whether a page has ever been guarded. */
  private hasGuards = false;

  /** There was no memory for a page that the guest, or the kernel for it, may write and was going to. Whoever sees to that resets it. */
  exhausted = false;

  /** Told whenever bytes or permissions of executable pages change, so that blocks are dropped: guest range. */
  onCodeChange: ((start: number, end: number) => void) | undefined;
  /** Told whenever a mapping shrinks, is replaced, or leaves an arena by a change of permission, so that memory check slots are reset. */
  onArenaChange: (() => void) | undefined;
  /** @param family the address spaces in the same linear memory; default: it is alone */
  constructor(
    readonly memory: LinearMemory,
    readonly family = new SpaceFamily(memory),
  ) {
    this.storage.windowOwner ??= this;
    family.members.push(this);
  }

  /** Lets all address spaces of the machine together have so many bytes, counted from when they are first written. Before anything is mapped. */
  limitMemory(bytes: number): void {
    this.storage.setLimit(bytes);
  }

  /** Bytes that all address spaces of the machine together can have. */
  get capacity(): number {
    return this.storage.capacity;
  }

  /** Whether there are so many mappings that a guest gets no more. */
  get isCrowded(): boolean {
    return this.vmas.length > CROWDED;
  }

  private get storage(): GuestStorage {
    return this.family.storage;
  }

  /** An address space with the same contents; both copy what they write from now on, but for shared mappings. */
  fork(): AddressSpace {
    const child = new AddressSpace(this.memory, this.family);
    child.hasGuards = this.hasGuards;
    for (let i = 0; i < this.vmas.length; i++) {
      const vma = this.vmas[i];
      if (vma.storage >= 0) this.storage.share(vma.storage, vma.storage + (vma.end - vma.start));
      if (vma.storage >= 0 && !vma.shared) this.vmas[i] = makeVma({ ...vma, cow: true });
      child.vmas.push(this.vmas[i]);
    }
    this.onArenaChange?.();
    return child;
  }

  /** Gives back all storage. The address space is used no more. */
  release(): void {
    for (const vma of this.vmas.splice(0)) this.releaseStorage(vma);
    this.family.members.splice(this.family.members.indexOf(this), 1);
    if (this.storage.windowOwner === this) this.storage.windowOwner = undefined;
  }

  /**
   * Maps zeroed pages over whatever was there (MAP_FIXED).
   * @param length in bytes, rounded up to whole pages
   * @param shared MAP_SHARED
   * @returns false if storage is used up (ENOMEM); then the range is unmapped
   */
  map(start: number, length: number, wished: number, name = '', shared = false): boolean {
    const prot = kept(wished);
    const end = this.rangeEnd(start, length);
    if (end === start) return true;
    this.noteGuard(prot);
    this.remove(start, end);
    const made = this.place({ start, end, prot, name, shared });
    if (made === undefined || !this.clear(made)) {
      this.family.onMapping?.unmap(this, start, length);
      return false;
    }
    for (const vma of made) if (vma.storage >= 0 && (prot & PROT_WRITE) !== 0) this.storage.markDirty(vma.storage, vma.end - vma.start);
    const index = this.list.firstBehind(start);
    this.vmas.splice(index, 0, ...made);
    this.list.mergeAround(index, index + made.length);
    // A failed fetch may have been translated as a trap.
    if ((prot & PROT_EXEC) !== 0) this.onCodeChange?.(start, end);
    this.family.onMapping?.map(this, start, length, wished, name, shared);
    return true;
  }

  /**
   * Maps pages that an address space has in shared memory (MAP_SHARED), over whatever was there: what is written here is seen there.
   * @param other the address space, which may be this one
   * @param address of the pages there
   * @returns false if they are not in shared memory, or not in one piece
   */
  mapSame(start: number, length: number, wished: number, name: string, other: AddressSpace, address: number): boolean {
    const prot = kept(wished);
    const end = this.rangeEnd(start, length);
    const storage = other.sharedStorage(address);
    if (storage === undefined || other.sharedStorage(address + (end - start) - PAGE) !== storage + (end - start) - PAGE) return false;
    this.noteGuard(prot);
    // Before what was there is unmapped: it may be the same pages.
    this.storage.share(storage, storage + (end - start));
    this.family.onMapping?.mapSame(this, start, length, wished, name, other, address);
    this.remove(start, end);
    if ((prot & PROT_WRITE) !== 0) this.storage.markDirty(storage, end - start);
    const index = this.list.firstBehind(start);
    this.vmas.splice(index, 0, makeVma({ start, end, prot, name, storage, shared: true, cow: false }));
    this.list.mergeAround(index, index + 1);
    if ((prot & PROT_EXEC) !== 0) this.onCodeChange?.(start, end);
    return true;
  }

  /** Unmaps whatever is mapped in the range; the rest of a mapping that it cuts stays. */
  unmap(start: number, length: number): void {
    this.remove(start, this.rangeEnd(start, length));
    this.family.onMapping?.unmap(this, start, length);
  }

  private remove(start: number, end: number): void {
    const [first, last] = this.list.cut(start, end);
    if (first === last) return;
    const removed = this.vmas.splice(first, last - first);
    for (const vma of removed) this.releaseStorage(vma);
    for (const vma of removed) if ((vma.prot & PROT_EXEC) !== 0) this.onCodeChange?.(vma.start, vma.end);
    this.onArenaChange?.();
  }

  /**
   * Changes the permission of the pages from `start` on, up to the first that is not mapped, as Linux does.
   * @returns false if part of the range is not mapped or storage is used up (ENOMEM)
   */
  protect(start: number, length: number, wished: number): boolean {
    const prot = kept(wished);
    this.noteGuard(prot);
    const end = this.rangeEnd(start, length);
    const [first] = this.list.cut(start, end);
    let at = start;
    let index = first;
    let arenasShrink = false;
    for (; index < this.vmas.length && at < end && this.vmas[index].start === at; index++) {
      const vma = this.vmas[index];
      if (!this.changeProt(index, prot)) break;
      at = vma.end;
      if (((vma.prot ^ prot) & (PROT_EXEC | PROT_GUARDED)) !== 0) this.onCodeChange?.(vma.start, vma.end);
      if ((vma.prot & ~prot) !== 0 || (~vma.prot & prot & PROT_EXEC) !== 0) arenasShrink = true;
      // Storage may have been found in several places.
      while (this.vmas[index].end < at) index++;
    }
    this.list.mergeAround(first, index);
    if (arenasShrink) this.onArenaChange?.();
    this.family.onMapping?.protect(this, start, length, wished);
    return at >= end;
  }

  /** Lowest free range of `length` bytes at or above `from`, that ends at or below `limit`. */
  findFree(length: number, from: number, limit: number): number | undefined {
    return this.list.findFree(length, from, limit);
  }

  /** True if no page of the range is mapped. */
  isFree(start: number, length: number): boolean {
    return this.list.isFree(start, length);
  }

  /** The page's permissions at `address`; undefined: not mapped. */
  protAt(address: number): number | undefined {
    const index = this.list.find(address);
    return index < 0 ? undefined : this.vmas[index].prot;
  }

  /** The place in storage of an address in memory that address spaces share (MAP_SHARED); undefined elsewhere. */
  sharedStorage(address: number): number | undefined {
    const vma = this.vmas[this.list.find(address)];
    return vma?.shared && vma.storage >= 0 ? vma.storage + (address - vma.start) : undefined;
  }

  /** The mapping of a file's code at `pc`, if it is one whose bytes change only by calls of this address space's. */
  fileCodeAt(pc: number): Mapping | undefined {
    const vma = this.vmas[this.list.find(pc)];
    return vma !== undefined && !vma.shared && (vma.prot & (PROT_EXEC | PROT_WRITE)) === PROT_EXEC && vma.name.startsWith('/') ? vma : undefined;
  }

  /** What must be looked at when code at `pc` branches, or is branched to. */
  branchTargets(pc: number): BranchTargets {
    if (!this.hasGuards) return 'free';
    return ((this.protAt(pc) ?? 0) & PROT_GUARDED) === 0 ? 'tracked' : 'guarded';
  }

  /** In ascending order; neighbours of equal name and permission are one. */
  mappings(): readonly Mapping[] {
    return this.list.mappings;
  }

  /** The arena around `address` that permits `prot` (PROT_READ or PROT_WRITE); for PROT_WRITE without pages that are executable. */
  arena(address: number, prot: number): Arena | undefined {
    const index = this.list.find(address);
    return index < 0 || !inArena(this.vmas[index], prot) ? undefined : this.storage.pending.clip(this.list.arenaAround(index, prot), address);
  }

  /**
   * Linear offset of an access that lies in one arena for `prot`, else -1. Allocates nothing.
   * @param address below 2^53; anything else, NaN included, is in no arena
   */
  resolve(address: number, length: number, prot: number): number {
    const found = this.list.find(address);
    if (found < 0 || !inArena(this.vmas[found], prot)) return -1;
    for (let index = found; this.vmas[index].end < address + length; index++) {
      const next = this.vmas[index + 1];
      if (next === undefined || !inArena(next, prot) || !continues(this.vmas[index], next)) return -1;
    }
    const at = this.vmas[found].storage + (address - this.vmas[found].start);
    this.storage.pending.fill(at, at + length);
    return at;
  }

  /**
   * A guest's load, byte by byte, that may straddle mappings: copies `length` bytes to linear offset `into`.
   * @returns -1, or the first address that may not be read; then nothing is copied
   */
  loadSlow(address: number, length: number, into: number): number {
    const fault = this.firstDenied(address, length, PROT_READ);
    if (fault >= 0) return fault;
    this.eachRun(address, length, (storage, from, size) => this.memory.bytes.copyWithin(into + from, storage, storage + size));
    return -1;
  }

  /**
   * A guest's store, byte by byte, that may straddle mappings or hit executable pages: copies `length` bytes from linear offset `from`.
   * @returns -1, or the first address that may not be written; then nothing is copied
   */
  storeSlow(address: number, length: number, from: number): number {
    const fault = this.firstDenied(address, length, PROT_WRITE);
    if (fault >= 0) return fault;
    if (!this.own(address, length)) {
      this.exhausted = true;
      return address;
    }
    this.eachRun(address, length, (storage, offset, size) => this.memory.bytes.copyWithin(storage, from + offset, from + offset + size));
    this.tellCodeChange(address, length);
    return -1;
  }

  /** First address in the range whose page does not permit `prot`, or -1. */
  firstDenied(address: number, length: number, prot: number): number {
    return this.list.firstDenied(address, length, prot);
  }

  /**
   * Copies guest memory out, with the guest's permissions.
   * @param into so many bytes, if there is a buffer already
   * @returns them; undefined if any byte is unreadable (EFAULT)
   */
  kernelRead(address: number, length: number, into?: Uint8Array): Uint8Array | undefined {
    const at = this.resolve(address, length, PROT_READ);
    if (at < 0 && this.firstDenied(address, length, PROT_READ) >= 0) return undefined;
    const result = into ?? new Uint8Array(length);
    if (at >= 0) {
      result.set(this.memory.bytes.subarray(at, at + length));
      return result;
    }
    this.eachRun(address, length, (storage, from, size) => result.set(this.memory.bytes.subarray(storage, storage + size), from));
    return result;
  }

  /** Copies out pages that have storage, whatever their permission; undefined where one has none. */
  peek(address: number, length: number): Uint8Array | undefined {
    for (let at = address; at < address + length; at = this.vmas[this.list.find(at)].end)
      if ((this.vmas[this.list.find(at)]?.storage ?? -1) < 0) return undefined;
    const result = new Uint8Array(length);
    this.eachRun(address, length, (storage, from, size) => result.set(this.memory.bytes.subarray(storage, storage + size), from));
    return result;
  }

  /**
   * The kernel's way to write guest memory: checks permission, drops translated code, tells the trace.
   * @returns false if any byte is not writable (EFAULT); then nothing is written
   */
  kernelWrite(address: number, data: Uint8Array): boolean {
    const at = this.resolve(address, data.length, PROT_WRITE);
    if (at >= 0) {
      this.memory.bytes.set(data, at);
      this.storage.markDirty(at, data.length);
      this.family.onKernelWrite?.(address, data, this, at);
      return true;
    }
    if (this.firstDenied(address, data.length, PROT_WRITE) >= 0) return false;
    if (!this.own(address, data.length)) {
      this.exhausted = true;
      return false;
    }
    this.write(address, data);
    return true;
  }

  /**
   * As kernelWrite, but whatever the permission of the (mapped) pages: loading segments, debuggers.
   * @returns false if any byte is not mapped, or storage is used up; then nothing is written
   */
  pokeBytes(address: number, data: Uint8Array): boolean {
    if (this.firstDenied(address, data.length, 0) >= 0) return false;
    if (!this.materialise(address, data.length) || !this.own(address, data.length)) return false;
    this.write(address, data);
    return true;
  }

  /** Linear offset of a (mapped) page whose bytes are about to be replaced, whatever its permission; -1: storage is used up. */
  claim(page: number): number {
    const found = this.vmas[this.list.find(page)];
    const isOwn = found.storage >= 0 && !found.cow;
    if (!isOwn && (!this.materialise(page, PAGE) || !this.own(page, PAGE))) return -1;
    const { storage, start } = isOwn ? found : this.vmas[this.list.find(page)];
    this.storage.markDirty(storage + (page - start), PAGE);
    return storage + (page - start);
  }

  /** Reads 32 bits of code. @returns undefined where a byte is not executable */
  fetch32(pc: number): number | undefined {
    const offset = this.resolve(pc, 4, PROT_EXEC);
    if (offset >= 0) return this.memory.view.getUint32(offset, true);
    if (this.firstDenied(pc, 4, PROT_EXEC) >= 0) return undefined;
    let word = 0;
    this.eachRun(pc, 4, (storage, from, size) => {
      for (let i = 0; i < size; i++) word |= this.memory.bytes[storage + i] << (8 * (from + i));
    });
    return word >>> 0;
  }

  /** A NUL-terminated string as bytes without the NUL; undefined if unreadable (EFAULT) or longer than `max`. */
  kernelReadString(address: number, max = 4096): Uint8Array | undefined {
    const parts: number[] = [];
    let at = address;
    while (parts.length <= max) {
      const index = this.list.find(at);
      const vma = this.vmas[index];
      if (index < 0 || !permits(vma.prot, PROT_READ)) return undefined;
      const from = vma.storage + (at - vma.start);
      const to = Math.min(vma.storage + (vma.end - vma.start), from + max + 1 - parts.length);
      this.storage.pending.fill(from, to);
      for (let i = from; i < to; i++) {
        const byte = this.memory.bytes[i];
        if (byte === 0) return Uint8Array.from(parts);
        parts.push(byte);
      }
      at = vma.end;
    }
    return undefined;
  }

  /** From the first guarded page on, all code is translated with an eye on branches. */
  private noteGuard(prot: number): void {
    if (this.hasGuards || (prot & PROT_GUARDED) === 0) return;
    this.hasGuards = true;
    this.onCodeChange?.(0, Number.MAX_SAFE_INTEGER);
  }

  private rangeEnd(start: number, length: number): number {
    const end = start + Math.ceil(length / PAGE) * PAGE;
    assert(start >= 0 && start % PAGE === 0 && length >= 0 && Number.isSafeInteger(end), `no page range: ${start} + ${length}`);
    return end;
  }

  /** Finds storage for a free range. @returns undefined if it is used up */
  private place(wanted: Omit<Vma, 'storage' | 'cow'>): Vma[] | undefined {
    const { start, end, prot } = wanted;
    if (prot === 0) return [makeVma({ ...wanted, storage: -1, cow: false })];
    const previous = this.vmas[this.list.firstBehind(start) - 1];
    const next = this.vmas[this.list.firstBehind(end)];
    const after = previous !== undefined && previous.end === start && previous.storage >= 0 ? previous.storage + (previous.end - previous.start) : -1;
    const before = next !== undefined && next.start === end ? next.storage : -1;
    const extents = this.storage.place(this, start, end, after, before);
    let at = start;
    return extents?.map((extent) => {
      const from = at;
      at += extent.end - extent.start;
      // Where pages are counted, they are not this address space's own before they are written.
      return makeVma({ ...wanted, start: from, end: at, storage: extent.start, cow: this.storage.isLimited && !wanted.shared });
    });
  }

  /** Zeroes new mappings. Shared memory is in use from its begin, whoever writes it. @returns false, having given all of it back, if it is too much */
  private clear(made: readonly Vma[]): boolean {
    for (const vma of made) if (vma.storage >= 0) this.storage.clear(vma.storage, vma.end - vma.start);
    if (made.every((vma) => vma.storage < 0 || !vma.shared || this.storage.commit(vma.storage, vma.end - vma.start))) return true;
    for (const vma of made) this.releaseStorage(vma);
    return false;
  }

  private releaseStorage({ storage, start, end }: Vma): void {
    if (storage >= 0) this.storage.release(storage, storage + (end - start));
  }

  /**
   * Whether a store would move pages of this address space: they are copied, for an older one has them, too. Whoever holds
   * where they are must then look again.
   */
  movesOnWrite(address: number, length: number): boolean {
    const age = this.family.members.indexOf(this);
    for (let i = this.list.firstBehind(address); i < this.vmas.length && this.vmas[i].start < address + length; i++) {
      const vma = this.vmas[i];
      if (!vma.cow) continue;
      const start = Math.max(vma.start, Math.floor(address / PAGE) * PAGE);
      // As far as `own` takes pages at once.
      const end = Math.min(vma.end, Math.ceil((address + length) / PAGE) * PAGE + COPY_BYTES);
      const others = this.family.sharing(this, vma.storage + (start - vma.start), end - start);
      if (others.some((other) => this.family.members.indexOf(other) < age)) return true;
    }
    return false;
  }

  /** Makes the pages of a store this address space's own, where that does not move them. @returns false where it would, or may not be */
  ownInPlace(address: number, length: number): boolean {
    return this.firstDenied(address, length, PROT_WRITE) < 0 && !this.movesOnWrite(address, length) && this.own(address, length);
  }

  /**
   * Makes the pages of a (mapped) range this address space's own, so that they can be written.
   * @returns false if storage is used up
   */
  private own(address: number, length: number): boolean {
    for (let at = address; at < address + length; ) {
      const index = this.list.find(at);
      const vma = this.vmas[index];
      if (!vma.cow) {
        at = vma.end;
        continue;
      }
      const page = Math.floor(at / PAGE) * PAGE;
      const storageOf = (guest: number): number => vma.storage + (guest - vma.start);
      const guestOf = (storage: number): number => vma.start + (storage - vma.storage);
      const alone = guestOf(this.storage.nextShared(storageOf(page), storageOf(vma.end), true));
      // Where nobody shares them any more, all pages up to the next that is shared are taken at once, else a few.
      const isAlone = alone > page;
      const few = Math.min(isAlone ? alone : vma.end, page + COPY_BYTES);
      let end = isAlone ? (this.storage.isLimited ? few : alone) : guestOf(this.storage.nextShared(storageOf(page), storageOf(few), false));
      if (isAlone && !this.storage.commit(storageOf(page), end - page)) {
        end = page + PAGE;
        if (!this.storage.commit(storageOf(page), PAGE)) return false;
      }
      if (!isAlone && !this.separate(storageOf(page), end - page, page)) return false;
      const [first] = this.list.cut(page, end);
      if (!this.storage.commit(this.vmas[first].storage, end - page)) return false;
      if (this.vmas[first].cow) {
        this.vmas[first] = makeVma({ ...this.vmas[first], cow: false });
        this.storage.markDirty(this.vmas[first].storage, end - page);
        this.list.mergeAround(first, first + 1);
      }
      at = end;
    }
    return true;
  }

  /** Ends the sharing of pages: the others get copies, or, where one of them is older, this address space does. */
  private separate(storage: number, length: number, address: number): boolean {
    const others = this.family.sharing(this, storage, length);
    if (this.family.members.indexOf(this) < Math.min(...others.map((other) => this.family.members.indexOf(other)))) {
      return others.every((other) => other.moveCopies(storage, length));
    }
    return this.moveCopy(address, address + length);
  }

  /** True if one of the pages at these storage places is mapped here. */
  hasStorage(storage: number, length: number): boolean {
    return this.vmas.some((vma) => vma.storage >= 0 && vma.storage < storage + length && vma.storage + (vma.end - vma.start) > storage);
  }

  /** Copies those pages of a piece of storage that are mapped here to a place of their own. */
  private moveCopies(storage: number, length: number): boolean {
    for (const vma of [...this.vmas]) {
      const from = Math.max(storage, vma.storage);
      const to = Math.min(storage + length, vma.storage + (vma.end - vma.start));
      if (vma.storage < 0 || from >= to || vma.shared) continue;
      if (!this.moveCopy(vma.start + (from - vma.storage), vma.start + (to - vma.storage))) return false;
    }
    return true;
  }

  /** Copies pages that lie in one VMA to another place in storage. */
  private moveCopy(start: number, end: number): boolean {
    const [first] = this.list.cut(start, end);
    const vma = this.vmas[first];
    const made = this.place(vma)?.map((piece) => makeVma({ ...piece, cow: false }));
    if (made === undefined) return false;
    if (!made.every((piece) => this.storage.commit(piece.storage, piece.end - piece.start))) {
      for (const piece of made) this.releaseStorage(piece);
      return false;
    }
    for (const piece of made) {
      const from = vma.storage + (piece.start - vma.start);
      this.storage.pending.fill(from, from + (piece.end - piece.start));
      this.memory.bytes.copyWithin(piece.storage, from, from + (piece.end - piece.start));
      this.storage.markDirty(piece.storage, piece.end - piece.start);
    }
    this.vmas.splice(first, 1, ...made);
    this.releaseStorage(vma);
    this.list.mergeAround(first, first + made.length);
    this.onArenaChange?.();
    return true;
  }

  /** Gives VMA `index` another permission, and storage if it needs it now (then it may become several). */
  private changeProt(index: number, prot: number): boolean {
    const vma = this.vmas[index];
    if (vma.storage < 0 && prot !== 0) {
      const made = this.place({ ...vma, prot });
      if (made === undefined || !this.clear(made)) return false;
      this.vmas.splice(index, 1, ...made);
    } else {
      this.vmas[index] = makeVma({ ...vma, prot });
    }
    if ((prot & PROT_WRITE) === 0) return true;
    for (let i = index; i < this.vmas.length && this.vmas[i].start < vma.end; i++)
      this.storage.markDirty(this.vmas[i].storage, this.vmas[i].end - this.vmas[i].start);
    return true;
  }

  /** Gives storage to the pages of the (mapped) range that have none. */
  private materialise(address: number, length: number): boolean {
    for (;;) {
      const index = this.vmas.findIndex((vma) => vma.storage < 0 && vma.start < address + length && vma.end > address);
      if (index < 0) return true;
      const start = Math.max(this.vmas[index].start, Math.floor(address / PAGE) * PAGE);
      const end = Math.min(this.vmas[index].end, Math.ceil((address + length) / PAGE) * PAGE);
      const [first] = this.list.cut(start, end);
      // As writable pages for a moment, which have storage.
      if (!this.changeProt(first, PROT_WRITE)) return false;
      for (let i = first; i < this.vmas.length && this.vmas[i].start < end; i++) this.vmas[i] = makeVma({ ...this.vmas[i], prot: 0 });
    }
  }

  /** Writes to mapped pages that have storage. */
  private write(address: number, data: Uint8Array): void {
    this.eachRun(address, data.length, (storage, from, size) => {
      this.memory.bytes.set(data.subarray(from, from + size), storage);
      this.storage.markDirty(storage, size);
    });
    this.tellCodeChange(address, data.length);
    this.family.onKernelWrite?.(address, data, this);
  }

  /** Bytes of a range have been replaced: translations of what is executable there are dropped. */
  tellCodeChange(address: number, length: number): void {
    if (this.onCodeChange === undefined) return;
    for (let i = this.list.firstBehind(address); i < this.vmas.length && this.vmas[i].start < address + length; i++) {
      const vma = this.vmas[i];
      if ((vma.prot & PROT_EXEC) !== 0) this.onCodeChange(Math.max(vma.start, address), Math.min(vma.end, address + length));
    }
  }

  /** Calls `use` for each piece of a mapped range with contiguous storage: its linear offset, its offset in the range, its length. */
  private eachRun(address: number, length: number, use: (storage: number, from: number, size: number) => void): void {
    let done = 0;
    for (let i = this.list.find(address); done < length; i++) {
      const vma = this.vmas[i];
      const offset = address + done - vma.start;
      const size = Math.min(vma.end - vma.start - offset, length - done);
      this.storage.pending.fill(vma.storage + offset, vma.storage + offset + size);
      use(vma.storage + offset, done, size);
      done += size;
    }
  }
}
