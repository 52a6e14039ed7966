import { PAGE } from './guestStorage.ts';
import { PcMap, SMALL } from './pcMap.ts';

/** Words of a table: one for each instruction of a page. */
const WORDS = PAGE / 4;
/** Tables that there is room for once there is one. */
const FIRST_TABLES = 4;
const NONE = new Int32Array(0);

/**
 * A number (i32) for each of some pcs, 0 for all others, in a table for each page of code. Code that runs one after the other has its
 * numbers next to each other, where the host's caches have them: in a map of 100,000 pcs each look is a miss.
 */
export class PcTable {
  /** The tables, one behind the other. */
  private words = NONE;
  /** Where the table of each page is in `words`, by the page's number. */
  private readonly tables = new Map<number, number>();
  /** Of pcs that are not aligned to 4 bytes. */
  private readonly others: PcMap<number>;
  /** The page that was asked for last. */
  private lastPage = -1;
  private lastTable = 0;

  /** @param start no pc is below it; aligned to 4 bytes */
  constructor(private readonly start: number) {
    this.others = new PcMap(start);
  }

  /** Whether no pc has ever had a number. */
  get isEmpty(): boolean {
    return this.words === NONE;
  }

  get(pc: number): number {
    const from = pc - this.start;
    if ((from & 3) !== 0) return this.others.get(pc) ?? 0;
    const table = this.tableOf(from);
    return table < 0 ? 0 : this.words[table + ((from & (PAGE - 1)) >>> 2)];
  }

  set(pc: number, value: number): void {
    const from = pc - this.start;
    if ((from & 3) !== 0) {
      this.others.set(pc, value);
      return;
    }
    let table = this.tableOf(from);
    if (table < 0) table = this.addTable(from);
    this.words[table + ((from & (PAGE - 1)) >>> 2)] = value;
  }

  /** The numbers of the pcs in start..end that have one, and of all that are not aligned. */
  within(start: number, end: number): number[] {
    const found: number[] = [];
    const from = Math.max(0, start - this.start);
    const to = end - this.start;
    const first = Math.floor(from / PAGE);
    const last = Math.ceil(to / PAGE) - 1;
    if (last - first < this.tables.size) {
      for (let page = first; page <= last; page++) this.addPart(found, page, from, to);
    } else {
      for (const page of this.tables.keys()) if (page >= first && page <= last) this.addPart(found, page, from, to);
    }
    for (const value of this.others.all) if (value !== 0) found.push(value);
    return found;
  }

  /** Adds what a page has of the numbers at distances from..to. */
  private addPart(found: number[], page: number, from: number, to: number): void {
    const table = this.tables.get(page);
    if (table === undefined) return;
    const first = Math.max(0, Math.ceil((from - page * PAGE) / 4));
    const last = Math.min(WORDS, Math.ceil((to - page * PAGE) / 4));
    for (let i = table + first; i < table + last; i++) if (this.words[i] !== 0) found.push(this.words[i]);
  }

  /** The aligned pcs that have a number, and that. */
  get entries(): [pc: number, number: number][] {
    const found: [number, number][] = [];
    for (const [page, table] of this.tables) {
      for (let i = 0; i < WORDS; i++) if (this.words[table + i] !== 0) found.push([this.start + page * PAGE + 4 * i, this.words[table + i]]);
    }
    return found;
  }

  clear(): void {
    this.words.fill(0, 0, this.tables.size * WORDS);
    this.tables.clear();
    this.others.clear();
    this.lastPage = -1;
  }

  /** Where the table is of the page at a distance from the start; -1: there is none. */
  private tableOf(from: number): number {
    const page = pageOf(from);
    if (page === this.lastPage) return this.lastTable;
    const table = this.tables.get(page);
    if (table === undefined) return -1;
    this.lastPage = page;
    this.lastTable = table;
    return table;
  }

  private addTable(from: number): number {
    const table = this.tables.size * WORDS;
    if (table === this.words.length) {
      const words = new Int32Array(Math.max(2 * table, FIRST_TABLES * WORDS));
      words.set(this.words);
      this.words = words;
    }
    this.tables.set(pageOf(from), table);
    return table;
  }
}

function pageOf(from: number): number {
  return from < SMALL ? (from | 0) >>> 12 : Math.floor(from / PAGE);
}
