import type { LinearMemory } from '../../engine/index.ts';
import { Kept, PageCodec } from './pageCodec.ts';

/** In place of a version's place: it holds zeros. */
export const ZEROS = -1;

/** What versions of a page hold. */
export interface ToldPages {
  /**
   * The bytes of a page's version, valid until others are asked for.
   * @param places of all its versions up to this one, number `version`, which is not ZEROS
   * @throws Error of any kind where it is kept, and damaged
   */
  read(places: readonly number[], version: number): Uint8Array;
  /** The same bytes, put into the machine's memory at a linear offset. @param held the version that is there, if that is known */
  put(places: readonly number[], version: number, memory: LinearMemory, at: number, held?: number): void;
}

/** Versions of pages, each told once, in the order in which they came. */
export class PageLog implements ToldPages {
  private readonly codec = new PageCodec();

  /** Bytes of memory. */
  get bytes(): number {
    return this.codec.usedBytes;
  }

  /** Another page, which holds zeros. @returns what `add` wants */
  begin(): number {
    return this.codec.begin();
  }

  /** What a page holds now. @returns the place of this version; undefined: it is the last one */
  add(kept: number, page: Uint8Array): number | undefined {
    return placeOf(this.codec.keep(kept, page));
  }

  /**
   * What pages hold now, of which words are listed that may have changed since the version before: see PageCodec.keepListed.
   * @param told is told the place of each one's version that is another
   */
  addListed(pages: Uint8Array, count: number, told: (index: number, place: number) => void): void {
    const kept = this.codec.keepListed(pages, count);
    for (let i = 0; i < count; i++) {
      const place = placeOf(kept[i]);
      if (place !== undefined) told(i, place);
    }
  }

  read(places: readonly number[], version: number): Uint8Array {
    const { codec } = this;
    let first = version;
    while (!codec.isWhole(places[first])) first--;
    return codec.readTold(places, first, version);
  }

  put(places: readonly number[], version: number, memory: LinearMemory, at: number): void {
    memory.bytes.set(this.read(places, version), at);
  }

  /** Whether the version at a place is told whole. */
  isWhole(place: number): boolean {
    return this.codec.isWhole(place);
  }

  /** What tells versions, one behind the other; valid until something else is asked for. */
  chain(places: readonly number[]): Uint8Array {
    return this.codec.join(places);
  }
}

const placeOf = (kept: number): number | undefined => (kept === Kept.same ? undefined : kept === Kept.zeros ? ZEROS : kept);
