import { upperBound } from '../base/index.ts';
import { PAGE } from './guestStorage.ts';
import { type Arena, continues, inArena, type Mapping, makeVma, permits, split, type Vma } from './vma.ts';

/** The VMAs of an address space: in ascending order, disjoint, merged where possible. */
export class VmaList {
  readonly all: Vma[] = [];
  /** Index of the VMA that `find` hit last. */
  private lastHit = 0;

  /** Index of the VMA that holds `address`, or -1. */
  find(address: number): number {
    const hit = this.all[this.lastHit];
    if (hit !== undefined && address >= hit.start && address < hit.end) return this.lastHit;
    const index = this.firstBehind(address);
    const vma = this.all[index];
    if (vma === undefined || !(address >= vma.start)) return -1;
    this.lastHit = index;
    return index;
  }

  /** Index of the first VMA that ends behind `address`; the number of VMAs if there is none. */
  firstBehind(address: number): number {
    return upperBound(this.all, address, ({ end }) => end);
  }

  /** First address in the range whose page does not permit `prot`, or -1. */
  firstDenied(address: number, length: number, prot: number): number {
    // Where a wild jump went: no end of a range could be told from its start there.
    if (address > Number.MAX_SAFE_INTEGER) return address;
    let at = address;
    for (let index = this.find(at); at < address + length; index++) {
      const vma = this.all[index];
      if (vma === undefined || vma.start > at || !permits(vma.prot, prot)) return at;
      at = vma.end;
    }
    return -1;
  }

  /** Splits VMAs so that none crosses `start` or `end`. @returns the indices of the first VMA inside and of the first behind */
  cut(start: number, end: number): [number, number] {
    this.splitAt(start);
    this.splitAt(end);
    return [this.firstBehind(start), this.firstBehind(end)];
  }

  private splitAt(address: number): void {
    const index = this.firstBehind(address);
    const vma = this.all[index];
    if (vma !== undefined && vma.start < address) this.all.splice(index, 1, ...split(vma, address));
  }

  /** Merges neighbours among the VMAs `first` - 1 .. `last`. */
  mergeAround(first: number, last: number): void {
    for (let i = Math.min(last, this.all.length - 1); i >= Math.max(first, 1); i--) {
      const a = this.all[i - 1];
      const b = this.all[i];
      if (a.prot === b.prot && a.name === b.name && a.shared === b.shared && a.cow === b.cow && continues(a, b))
        this.all.splice(i - 1, 2, makeVma({ ...a, end: b.end }));
    }
  }

  /** The arena around VMA `index`, which is in one for `prot`. */
  arenaAround(index: number, prot: number): Arena {
    const { all } = this;
    let first = all[index];
    for (let i = index - 1; i >= 0; i--) {
      const before = all[i];
      if (!inArena(before, prot) || !continues(before, first)) break;
      first = before;
    }
    let last = all[index];
    for (let i = index + 1; i < all.length; i++) {
      const behind = all[i];
      if (!inArena(behind, prot) || !continues(last, behind)) break;
      last = behind;
    }
    return { start: first.start, end: last.end, storage: first.storage };
  }

  /** In ascending order; neighbours of equal name and permission are one. */
  get mappings(): readonly Mapping[] {
    const result: Mapping[] = [];
    for (const { start, end, prot, name } of this.all) {
      const last = result.at(-1);
      if (last !== undefined && last.end === start && last.prot === prot && last.name === name)
        result[result.length - 1] = { start: last.start, end, prot, name };
      else result.push({ start, end, prot, name });
    }
    return result;
  }

  /** Lowest free range of `length` bytes at or above `from`, that ends at or below `limit`. */
  findFree(length: number, from: number, limit: number): number | undefined {
    const size = Math.ceil(length / PAGE) * PAGE;
    let at = Math.ceil(from / PAGE) * PAGE;
    for (let i = this.firstBehind(at); i < this.all.length && this.all[i].start < at + size; i++) at = Math.max(at, this.all[i].end);
    return at + size <= limit ? at : undefined;
  }

  /** True if no page of the range is mapped. */
  isFree(start: number, length: number): boolean {
    const vma = this.all[this.firstBehind(start)];
    return vma === undefined || vma.start >= start + length;
  }
}
