import type { AddressSpace } from './addressSpace.ts';
import { GuestStorage } from './guestStorage.ts';
import type { LinearMemory } from './linearMemory.ts';

/** Is told of what kernelWrite and pokeBytes wrote, and where. */
export type KernelWriteListener = (address: number, data: Uint8Array, space: AddressSpace) => void;

/** The address spaces in one linear memory, the oldest first, and their storage. */
export class SpaceFamily {
  onKernelWrite: KernelWriteListener | undefined;
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
