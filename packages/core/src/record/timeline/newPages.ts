import type { AddressSpace } from '../../engine/index.ts';
import type { Replayer } from '../replayer.ts';

/** Where more ranges have been mapped in an address space, all of its pages are taken for new. */
const MOST_RANGES = 64;

/** Which pages may hold something else than when they were looked at last though nobody has written them: they have been mapped since. */
export class NewPages {
  /** Ranges that have been mapped, by address space. One that was not there when pages were looked at has no list. */
  private readonly mapped = new Map<AddressSpace, [start: number, end: number][]>();

  constructor(private readonly replayer: Replayer) {}

  /** Watches what is mapped, from a moment on at which all pages have been looked at. @returns what ends that */
  watch(): () => void {
    this.looked();
    const { family } = this.replayer.machine.space;
    const before = family.onMapping;
    const add = (space: AddressSpace, start: number, length: number): void => void this.mapped.get(space)?.push([start, start + length]);
    family.onMapping = {
      map(space, start, length, ...how) {
        before?.map(space, start, length, ...how);
        add(space, start, length);
      },
      mapSame(space, start, length, ...how) {
        before?.mapSame(space, start, length, ...how);
        add(space, start, length);
      },
      unmap: (space, start, length) => before?.unmap(space, start, length),
      protect: (space, start, length, prot) => before?.protect(space, start, length, prot),
    };
    return () => {
      family.onMapping = before;
    };
  }

  /** All pages have been looked at. */
  looked(): void {
    this.mapped.clear();
    for (const space of this.replayer.spaces) if (space !== undefined) this.mapped.set(space, []);
  }

  /** Whether any page of a range may. */
  hasAny(space: AddressSpace, start: number, end: number): boolean {
    const ranges = this.mapped.get(space);
    if (ranges === undefined || ranges.length > MOST_RANGES) return true;
    for (const [from, to] of ranges) if (end > from && start < to) return true;
    return false;
  }
}
