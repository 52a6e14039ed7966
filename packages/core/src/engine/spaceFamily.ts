import type { AddressSpace } from './addressSpace.ts';
import { GuestStorage } from './guestStorage.ts';
import type { LinearMemory } from './linearMemory.ts';

/** Is told of what kernelWrite and pokeBytes wrote, and where. @param at linear offset, where the bytes are in one piece, and the page in use by kernelWrite */
export type KernelWriteListener = (address: number, data: Uint8Array, space: AddressSpace, at?: number) => void;

/** Is told how the kernel changes what is mapped where; each call of AddressSpace's methods of these names once, after it. */
export interface MappingListener {
  map(space: AddressSpace, start: number, length: number, prot: number, name: string, shared: boolean): void;
  mapSame(space: AddressSpace, start: number, length: number, prot: number, name: string, other: AddressSpace, address: number): void;
  unmap(space: AddressSpace, start: number, length: number): void;
  protect(space: AddressSpace, start: number, length: number, prot: number): void;
}

/** The address spaces in one linear memory, the oldest first, and their storage. */
export class SpaceFamily {
  /** Told of what kernelWrite and pokeBytes write in any of them, for trace and journal. */
  onKernelWrite: KernelWriteListener | undefined;
  /** Told of what is mapped in any of them, for the journal. */
  onMapping: MappingListener | undefined;
  readonly storage: GuestStorage;
  readonly members: AddressSpace[] = [];

  constructor(memory: LinearMemory) {
    this.storage = new GuestStorage(memory);
  }

  /** The members besides `one` that have one of these pages. */
  sharing(one: AddressSpace, storage: number, length: number): AddressSpace[] {
    return this.members.filter((member) => member !== one && member.hasStorage(storage, length));
  }
}
