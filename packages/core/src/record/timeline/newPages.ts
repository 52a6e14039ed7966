import type { AddressSpace, SpaceFamily } from '../../engine/index.ts';
import type { Replayer } from '../replayer.ts';

/** Where more ranges have been mapped in an address space, all of its pages are taken for new. */
const MOST_RANGES = 64;

/** Tells of what is mapped in any address space, besides those who are told already. @returns what ends that, once those have ended who came later */
export function watchMappings(family: SpaceFamily, mapped: (space: AddressSpace, start: number, length: number) => void): () => void {
  const before = family.onMapping;
  family.onMapping = {
    map(space, start, length, ...how) {
      before?.map(space, start, length, ...how);
      mapped(space, start, length);
    },
    mapSame(space, start, length, ...how) {
      before?.mapSame(space, start, length, ...how);
      mapped(space, start, length);
    },
    unmap: (space, start, length) => before?.unmap(space, start, length),
    protect: (space, start, length, prot) => before?.protect(space, start, length, prot),
  };
  return () => {
    family.onMapping = before;
  };
}

/** Which pages may hold something else than when they were looked at last though nobody has written them: they have been mapped since. */
export class NewPages {
  /** Ranges that have been mapped, by address space. One that was not there when pages were looked at has no list. */
  private readonly mapped = new Map<AddressSpace, [start: number, end: number][]>();

  constructor(private readonly replayer: Replayer) {}

  /** Watches what is mapped, from a moment on at which all pages have been looked at. @returns what ends that */
  watch(): () => void {
    this.looked();
    return watchMappings(this.replayer.machine.space.family, (space, start, length) => void this.mapped.get(space)?.push([start, start + length]));
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
