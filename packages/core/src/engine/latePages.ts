import type { AddressSpace } from './addressSpace.ts';
import type { PendingPage } from './pendingPages.ts';
import { PAGE } from './vma.ts';

/**
 * Gives (mapped) pages other contents, which are asked for when somebody looks at them, whatever their permission.
 * @param pages by their first address; where they come in ascending order, it is sooner done
 * @returns false if storage is used up
 */
export function pokeLater(space: AddressSpace, pages: ReadonlyMap<number, PendingPage>): boolean {
  const { storage, members } = space.family;
  let run = { start: 0, end: 0 };
  for (const [address, page] of pages) {
    const at = space.claim(address);
    if (at < 0) return false;
    storage.pending.add(at, page);
    if (address !== run.end) {
      space.tellCodeChange(run.start, run.end - run.start);
      run = { start: address, end: address };
    }
    run.end += PAGE;
  }
  space.tellCodeChange(run.start, run.end - run.start);
  // Whoever has these pages, too, must look again.
  if (pages.size > 0) for (const member of members) member.onArenaChange?.();
  return true;
}

/** What the page with storage at an address is still to be filled with. */
export function pendingAt(space: AddressSpace, address: number): PendingPage | undefined {
  const { pending } = space.family.storage;
  if (pending.isEmpty) return undefined;
  const { storage, start } = space.list.all[space.list.find(address)];
  return pending.at(storage + (address - start));
}

/** Fills all pages in: from now on all bytes are where the address space's list says. */
export function fillPages(space: AddressSpace): void {
  const { pending } = space.family.storage;
  if (pending.isEmpty) return;
  for (const { storage, start, end } of space.list.all) if (storage >= 0) pending.fill(storage, storage + (end - start));
}
