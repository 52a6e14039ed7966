import type { AddressSpace, Vma } from '../../engine/index.ts';

/** Which memory address spaces share (MAP_SHARED), at some moment. */
export class SharedMemory {
  private readonly shared: readonly (readonly Vma[])[];

  /** @param spaces as they are now, by their number */
  constructor(spaces: readonly (AddressSpace | undefined)[]) {
    this.shared = spaces.map((space) => space?.list.all.filter((each) => each.shared && each.storage >= 0) ?? []);
  }

  /**
   * Where an address space has memory that another one, or it itself, has at `address`.
   * @param near an address in it, of the same mapping
   * @returns undefined if they do not share it
   */
  addressIn(space: number, near: number, other: number, address: number): number | undefined {
    const theirs = this.storageOf(other, address);
    if (theirs === undefined) return undefined;
    const own = this.storageOf(space, near);
    return own === undefined ? undefined : near + (theirs - own);
  }

  private storageOf(space: number, address: number): number | undefined {
    const found = this.shared[space]?.find(({ start, end }) => address >= start && address < end);
    return found && found.storage + (address - found.start);
  }
}
