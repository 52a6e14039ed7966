import { hex } from './text.ts';

/** Bytes of a region, a power of two. */
const REGION = 16_384;

interface Region {
  reads: number;
  writes: number;
  /** What has been written there. */
  readonly data: Uint8Array;
  /** All that was read had been written before. */
  isSeen: boolean;
}

/** Reads and writes of each region of memory, and whether what is read there is what was written before. */
export class MemRegions {
  private readonly regions = new Map<number, Region>();

  /**
   * Counts an access.
   * @param bytes 1 to 8; of more, contents are not compared
   * @returns a warning where it is the first of its region that reads what nobody has written
   */
  access(address: number, bytes: number, isStore: boolean, value: bigint): string {
    const offset = address % REGION;
    const start = address - offset;
    let region = this.regions.get(start);
    if (region === undefined) {
      region = { reads: 0, writes: 0, data: new Uint8Array(REGION), isSeen: true };
      this.regions.set(start, region);
    }
    if (isStore) region.writes++;
    else region.reads++;
    if (bytes > 8) return '';
    let isSame = true;
    for (let i = 0; i < bytes && offset + i < REGION; i++) {
      const byte = Number((value >> BigInt(8 * i)) & 255n);
      if (isStore) region.data[offset + i] = byte;
      else isSame &&= region.data[offset + i] === byte;
    }
    if (isSame || !region.isSeen) return '';
    region.isSeen = false;
    return `Warning: ${hex(start, 16)}:${offset} read an un-instrumented value\n`;
  }

  /** A table of all regions; QEMU shows one that is alone not at all. */
  summary(): string {
    const rows = [...this.regions].sort(([a], [b]) => a - b).map(([start, { reads, writes, isSeen }]) => `${hex(start, 16)}, ${reads}, ${writes}, ${isSeen}\n`);
    return `Region Base, Reads, Writes, Seen all\n${rows.length > 1 ? rows.join('') : ''}`;
  }
}
