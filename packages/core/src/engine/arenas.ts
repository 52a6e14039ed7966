import { NO_ADDRESS } from '../base/index.ts';
import { CALL_SITE } from '../wasm/index.ts';
import type { AddressSpace } from './addressSpace.ts';
import { CheckSlots, LAST_SLOT, type SlotSpan } from './checkSlots.ts';
import { PAGE } from './guestStorage.ts';
import {
  ARENA_BYTES,
  ARENA_ENTRIES,
  ARENA_HASH,
  BOUNCE,
  Cell,
  LARGE_ARENA_CHUNK,
  LARGE_ARENA_ENTRIES,
  LARGE_ARENAS,
  type LinearMemory,
  READ_ARENAS,
  SLOT_BYTES,
  SLOTS,
  WRITE_ARENAS,
} from './linearMemory.ts';
import { PROT_READ, PROT_WRITE } from './seams.ts';
import type { Arena } from './vma.ts';

/** An access that missed its memory check slot. */
export interface Access {
  readonly slot: number;
  readonly bytes: number;
  /** What the access adds to the value that its check compares. */
  readonly displacement: number;
}

/**
 * The slow half of the memory checks: slots that remember arenas, the tables of arenas used last, and accesses that
 * straddle arenas or fault. See wasm/lower/memoryAccess.ts for the fast half and the layout of a slot.
 */
export class Arenas {
  /** Slot that all stack accesses share. */
  readonly stackSlot = SLOTS;
  private readonly slots = new CheckSlots();
  private readonly emptyTable = emptyTable(ARENA_ENTRIES, PAGE);
  private readonly emptyLargeTable = emptyTable(LARGE_ARENA_ENTRIES, LARGE_ARENA_CHUNK);
  private areTablesEmpty = false;

  /** @param running tells which address space runs */
  constructor(
    private readonly memory: LinearMemory,
    private readonly running: () => AddressSpace,
    private readonly ignoredTopBits: number,
  ) {
    this.allocate();
    this.clearTables();
  }

  private get space(): AddressSpace {
    return this.running();
  }

  /** A new slot that remembers nothing. When all are taken, the last one, which never remembers anything. */
  allocate(): number {
    const slot = this.slots.allocate();
    this.clear(slot);
    return slot;
  }

  /** Takes the slots of a module that has been kept, which remember nothing yet. @returns false if one of them is taken */
  claim(spans: readonly SlotSpan[]): boolean {
    const isFree = this.slots.claim(spans);
    if (isFree) for (const span of spans) this.clearAll(span);
    return isFree;
  }

  /** No code has the slots of these spans any more. */
  release(spans: readonly SlotSpan[]): void {
    this.slots.release(spans);
  }

  /** Forgets every arena: a mapping has shrunk, moved or lost a permission. */
  reset(): void {
    this.clearTables();
    for (const span of this.slots.all()) this.clearAll(span, true);
  }

  /** A call site remembers a target: the pc by its halves, and the parameter `slot` of the region there. */
  setSite(site: number, lo: number, hi: number, entry: number): void {
    const at = site >>> 2;
    const { u32 } = this.memory;
    u32[at + CALL_SITE.pc / 4] = lo;
    u32[at + CALL_SITE.pc / 4 + 1] = hi;
    u32[at + CALL_SITE.entry / 4] = entry;
    u32[at + CALL_SITE.isSite / 4] = 1;
  }

  /** A call site's target is gone. */
  forgetSite(site: number): void {
    this.clear(site);
  }

  private clearAll({ first, end }: SlotSpan, butSites = false): void {
    const { u32 } = this.memory;
    for (let slot = first; slot < end; slot += SLOT_BYTES) if (!butSites || u32[(slot + CALL_SITE.isSite) >>> 2] === 0) this.clear(slot);
  }

  /** @param delta is used by the access that has just missed, whatever the slot remembers */
  private clear(slot: number, delta = 0): void {
    const at = slot >>> 2;
    const { u32 } = this.memory;
    u32[at] = NO_ADDRESS.low;
    u32[at + 1] = NO_ADDRESS.high;
    // Checks through the stack's slot subtract the access's bytes from the limit, so that it must not be less.
    u32[at + 2] = slot === this.stackSlot ? PAGE : 0;
    u32[at + 3] = 0;
    u32[at + 4] = delta;
    u32[at + 5] = 0;
  }

  /** Makes the access that has just missed use the bounce buffer. */
  private bounce(lo: number, { slot, displacement }: Access): void {
    if (slot !== this.stackSlot) this.clear(slot, BOUNCE - lo + displacement);
  }

  /** The linear index of a load that missed, or -1: Cell.faultAddress has the address that faults. */
  readMiss(lo: number, hi: number, access: Access): number {
    const address = this.address(lo, hi);
    const index = address < 0 ? -1 : this.find(address, this.tag(hi), PROT_READ, access);
    if (index >= 0) return index;
    const fault = address < 0 ? 0 : this.space.loadSlow(address, access.bytes, BOUNCE);
    if (address >= 0 && fault < 0) {
      this.bounce(lo, access);
      return BOUNCE;
    }
    this.fault(lo, hi, address, fault);
    return -1;
  }

  /** The linear index of a store that missed, or -1: then `storeSlow` does it. */
  writeMiss(lo: number, hi: number, access: Access): number {
    const address = this.address(lo, hi);
    let index = address < 0 ? -1 : this.find(address, this.tag(hi), PROT_WRITE, access);
    // The first store since a fork
    if (address >= 0 && index < 0 && this.space.ownInPlace(address, access.bytes)) index = this.find(address, this.tag(hi), PROT_WRITE, access);
    if (index < 0) this.bounce(lo, access);
    return index;
  }

  /** Whether `storeSlow` would move what regions hold the place of. */
  storeMoves(address64: bigint, bytes: number): boolean {
    const address = this.address(Number(BigInt.asIntN(32, address64)), Number(BigInt.asIntN(32, address64 >> 32n)));
    return address >= 0 && this.space.movesOnWrite(address, bytes);
  }

  /** Stores `bytes` from the bounce buffer. @returns true if that faults */
  storeSlow(address64: bigint, bytes: number): boolean {
    const lo = Number(BigInt.asIntN(32, address64));
    const hi = Number(BigInt.asIntN(32, address64 >> 32n));
    const address = this.address(lo, hi);
    const fault = address < 0 ? 0 : this.space.storeSlow(address, bytes, BOUNCE);
    if (address >= 0 && fault < 0) return false;
    this.fault(lo, hi, address, fault);
    return true;
  }

  /** The address without its ignored bits; -1 if no guest page can be there. */
  private address(lo: number, hi: number): number {
    const high = this.ignoredTopBits === 8 ? hi & 0x00ff_ffff : hi >>> 0;
    return high >= 0x20_0000 ? -1 : high * 0x1_0000_0000 + (lo >>> 0);
  }

  /** What is ignored of an address's high half. */
  private tag(hi: number): number {
    return this.ignoredTopBits === 8 ? hi & 0xff00_0000 : 0;
  }

  private fault(lo: number, hi: number, address: number, fault: number): void {
    const { view } = this.memory;
    if (address < 0) {
      view.setInt32(Cell.faultAddress, lo, true);
      view.setInt32(Cell.faultAddress + 4, hi, true);
    } else view.setBigUint64(Cell.faultAddress, BigInt(fault), true);
  }

  /** @param tag is put on top of the slot's `lo`: accesses with the same one hit it */
  private find(address: number, tag: number, prot: number, { slot, bytes, displacement }: Access): number {
    const arena = this.space.arena(address, prot);
    if (arena === undefined || address + bytes > arena.end) return -1;
    const delta = arena.storage - arena.start;
    this.remember(address, arena, prot === PROT_WRITE ? WRITE_ARENAS : READ_ARENAS);
    const isStack = slot === this.stackSlot;
    if (!isStack || prot === PROT_WRITE) {
      const at = slot >>> 2;
      const { u32 } = this.memory;
      const lo = arena.start - displacement;
      u32[at] = lo;
      u32[at + 1] = Math.floor(lo / 0x1_0000_0000) + tag;
      const limit = arena.end - arena.start - (isStack ? 0 : bytes);
      u32[at + 2] = limit;
      u32[at + 3] = Math.floor(limit / 0x1_0000_0000);
      u32[at + 4] = delta + displacement;
      if (slot === LAST_SLOT) this.clear(slot, delta + displacement);
    }
    return arena.storage + (address - arena.start);
  }

  /** Enters the arena of an access to `address` in a table; where it has the whole chunk, in that of large ones, too, from which another may drive it. */
  private remember(address: number, arena: Arena, table: number): void {
    this.areTablesEmpty = false;
    const chunk = Math.floor(address / LARGE_ARENA_CHUNK);
    if (arena.start <= chunk * LARGE_ARENA_CHUNK && arena.end >= (chunk + 1) * LARGE_ARENA_CHUNK) {
      this.enter(table + LARGE_ARENAS + (chunk % LARGE_ARENA_ENTRIES) * ARENA_BYTES, arena);
    }
    const entry = Math.imul(Math.floor(address / PAGE), ARENA_HASH) >>> (32 - Math.log2(ARENA_ENTRIES));
    this.enter(table + entry * ARENA_BYTES, arena);
  }

  private enter(entry: number, { start, end, storage }: Arena): void {
    const { u32 } = this.memory;
    const at = entry >>> 2;
    const size = end - start;
    u32[at] = start;
    u32[at + 1] = Math.floor(start / 0x1_0000_0000);
    u32[at + 2] = size;
    u32[at + 3] = Math.floor(size / 0x1_0000_0000);
    u32[at + 4] = storage - start;
  }

  private clearTables(): void {
    if (this.areTablesEmpty) return;
    for (const table of [READ_ARENAS, WRITE_ARENAS]) {
      this.memory.u32.set(this.emptyTable, table >>> 2);
      this.memory.u32.set(this.emptyLargeTable, (table + LARGE_ARENAS) >>> 2);
    }
    this.areTablesEmpty = true;
  }
}

/**
 * A table whose entries remember nothing: all have page 0, which belongs to the first, but the first, which has one that belongs to another.
 * @param unit bytes from one that an entry belongs to, to the next
 */
function emptyTable(entries: number, unit: number): Uint32Array {
  const words = new Uint32Array((entries * ARENA_BYTES) / 4);
  words[2] = PAGE;
  // What there is, copied behind itself: a loop over all entries takes a part of a millisecond at each start.
  for (let filled = ARENA_BYTES / 4; filled < words.length; filled *= 2) words.copyWithin(filled, 0, filled);
  words[0] = unit;
  return words;
}
