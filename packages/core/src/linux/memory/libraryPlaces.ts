import { PAGE } from './processMemory.ts';

/** As far from where mappings go as a process is likely to have of them. */
const DISTANCE = 0x10_0000_0000;
/** Libraries that have places; more get none. */
const MOST = 4096;

/**
 * Where the libraries of programs that others start go: each file at one address in all of them, so that they share its
 * translations. The first program's are where QEMU has them.
 */
export class LibraryPlaces {
  private readonly places = new Map<string, number>();
  private next: number;

  /** @param base where room for mappings is looked for first */
  constructor(base: number) {
    this.next = base + DISTANCE;
  }

  /** The place of so many bytes of a file. */
  of(path: string, length: number): number | undefined {
    const key = `${length} ${path}`;
    let place = this.places.get(key);
    if (place === undefined && this.places.size < MOST) {
      place = this.next;
      this.places.set(key, place);
      // With a page between, so that nobody takes two libraries for one.
      this.next += Math.ceil(length / PAGE + 1) * PAGE;
    }
    return place;
  }
}
