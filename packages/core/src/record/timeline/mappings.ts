import { type AddressSpace, PROT_WRITE, type Vma } from '../../engine/index.ts';

/** A run of pages as it was at a snapshot. */
export type Piece = Pick<Vma, 'start' | 'end' | 'prot' | 'name' | 'shared' | 'storage'>;

/** What is mapped, in ascending order. */
export const piecesOf = (space: AddressSpace): readonly Piece[] =>
  space.list.all.map(({ start, end, prot, name, shared, storage }) => ({ start, end, prot, name, shared, storage }));

/** Maps what was mapped at a snapshot, and nothing else. What pages hold is another matter. */
export class MappingRestorer {
  /** Where shared memory is now, by its place in storage at the snapshot. */
  private readonly shared = new Map<number, { readonly space: AddressSpace; readonly address: number }>();

  restore(space: AddressSpace, pieces: readonly Piece[]): void {
    for (const [start, end] of gaps(pieces)) if (!space.isFree(start, end - start)) space.unmap(start, end - start);
    for (const piece of pieces) {
      this.cover(space, piece);
      if (piece.shared) this.share(space, piece);
    }
  }

  private cover(space: AddressSpace, wanted: Piece): void {
    const { start, end, prot, name, shared } = wanted;
    for (let at = start; at < end; ) {
      const found = space.list.all[space.list.find(at)];
      const next = found === undefined ? (space.list.all[space.list.firstBehind(at)]?.start ?? end) : found.end;
      const stop = Math.min(end, next);
      if (found === undefined || found.name !== name || found.shared !== shared) space.map(at, stop - at, prot, name, shared);
      else if (found.prot !== prot) space.protect(at, stop - at, prot);
      at = stop;
    }
  }

  /** Makes the pages the same as those of another address space, where they were. */
  private share(space: AddressSpace, { start, end, prot, name, storage }: Piece): void {
    if (storage < 0) return;
    const first = this.shared.get(storage);
    if (first === undefined) {
      this.shared.set(storage, { space, address: start });
      return;
    }
    if (first.space.sharedStorage(first.address) === space.sharedStorage(start)) return;
    space.mapSame(start, end - start, prot | PROT_WRITE, name, first.space, first.address);
    space.protect(start, end - start, prot);
  }
}

/** The ranges that no piece has. */
function gaps(pieces: readonly Piece[]): [start: number, end: number][] {
  const found: [number, number][] = [];
  let at = 0;
  for (const { start, end } of pieces) {
    if (start > at) found.push([at, start]);
    at = end;
  }
  const top = 2 ** 52;
  if (at < top) found.push([at, top]);
  return found;
}
