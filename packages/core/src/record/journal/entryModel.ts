import { Op, Outcome } from './entries.ts';

/** Bytes of an entry's contents, beyond which it is not kept. */
export const LONGEST = 1024;
/** Both powers of two. */
const SLOTS = 1024;
const ROUTES = 4096;

/** Room for contents of an entry that is known: they are copied in pieces of 16 bytes. */
export const KNOWN_ROOM = LONGEST + 16;
/** Of all of them. */
export const KNOWN_BYTES = SLOTS * KNOWN_ROOM;
/** The first bytes of an entry's contents that is kept take so much room, where there is not room for all. */
const ROOM = 32;

/** Bytes of the op that tells a call's result. */
export const RESULT_OP = 10;
/** Contents of a call that leaves a result behind and nothing else: so many bytes, and the first of them; the rest are the result. */
export const RESULT_BYTES = 1 + RESULT_OP;
const RESULT_START = Outcome.done | (Op.returned << 8) | (1 << 16);

/** An entry that later ones may be told by. */
export class KnownEntry {
  /** -1: there is none. */
  key = -1;
  /** Since the entry before. */
  steps = 0;
  /** Of its contents. */
  length = 0;
  // What is asked of most calls stands here: the less of memory that takes, the less time.
  hasOnlyResult = false;
  resultLow = 0;
  resultHigh = 0;

  /** @param at where its contents are in the room for those of all entries; 0 where there is none */
  constructor(
    public bytes: Uint8Array,
    readonly at: number,
  ) {}

  /** @returns room for contents of this length; what was there is lost */
  reserve(length: number): Uint8Array {
    this.length = length;
    if (length <= this.bytes.length) return this.bytes;
    this.bytes = new Uint8Array(Math.max(length, 2 * this.bytes.length));
    return this.bytes;
  }

  /** Its contents are others: `hasOnlyResult` and the result are right then. */
  noteResult(): void {
    this.hasOnlyResult = this.length === RESULT_BYTES && (this.word(0) & 0xff_ffff) === RESULT_START;
    if (!this.hasOnlyResult) return;
    this.resultLow = this.word(3);
    this.resultHigh = this.word(7);
  }

  private word(at: number): number {
    const { bytes } = this;
    return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  }
}

/**
 * What is expected of the entries of a frame by those before: after the same two entries the same one comes again, and after the
 * same entry one of a kind looks as it did. Writer and reader have one each, that sees the same entries.
 */
export class EntryModel {
  private readonly slots: (KnownEntry | undefined)[] = new Array<KnownEntry | undefined>(SLOTS).fill(undefined);
  /** Keys that came last, by the two before. */
  private readonly routes = new Int32Array(ROUTES);
  private route = 0;
  /** Of the entry before. */
  private last = 0;

  /** Sums of single registers that came last. */
  private single = new Uint8Array(0);

  /** @param room for contents of known entries, KNOWN_BYTES of them; without it, each has its own */
  constructor(private readonly room?: Uint8Array) {}

  /** Nothing is expected. */
  reset(): void {
    this.single = new Uint8Array(0);
    for (const slot of this.slots) if (slot !== undefined) slot.key = -1;
    this.routes.fill(-1);
    this.route = 0;
    this.last = 0;
  }

  /** Of the entry that is expected next; -1 for none. */
  get expected(): number {
    return this.routes[this.route];
  }

  /** Where the last entry with this key behind the same entry is, if its key is that; and where the next one is to be put. */
  slot(key: number): KnownEntry {
    const number = (Math.imul(this.last, 31) + key) & (SLOTS - 1);
    const known = this.slots[number];
    if (known !== undefined) return known;
    const at = number * KNOWN_ROOM;
    const made = this.room === undefined ? new KnownEntry(new Uint8Array(ROOM), 0) : new KnownEntry(this.room.subarray(at, at + KNOWN_ROOM), at);
    this.slots[number] = made;
    return made;
  }

  /** Whether contents of this length are kept. */
  keeps(length: number): boolean {
    return length <= LONGEST;
  }

  /** The sums of single registers that came last, with zeros where there are not so many: the next ones are to be put there. */
  singleSums(length: number): Uint8Array {
    if (this.single.length !== length) this.single = Uint8Array.from({ length }, (_, i) => this.single[i] ?? 0);
    return this.single;
  }

  /** An entry with this key has come. */
  pass(key: number): void {
    this.routes[this.route] = key;
    this.route = (Math.imul(this.last, 67) + key) & (ROUTES - 1);
    this.last = key;
  }
}
