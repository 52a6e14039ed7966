import { assert, ByteReader, ByteWriter } from '../../base/index.ts';
import { EVENT_HEADER, FIRST_EVENT } from '../events.ts';
import { asWords, type RecordTable } from '../walker.ts';

/**
 * The records of a chunk taken apart into columns, which compress several times better than records do:
 *
 *     u32 bytes of all records  u32 number of records  u32 bytes of the order  u32 bytes of events
 *     order     which records follow each other: how many were foreseen (LEB128), then the one that was not (LEB128: an event's
 *               code, counted from FIRST_EVENT, or a block's number + EVENTS), and so on, to the last record
 *     events    the events' records, in order, without their first words
 *     columns   for each block, in the order in which they first come: for each word of its record but the first, the
 *               differences to the same word of the block's record before (at first: to 0); of a column first the lowest
 *               bytes of all words, then the next ones, and so on
 *
 * What comes next is foreseen to be what last came behind the same few records of this chunk. Nothing is carried from one chunk to
 * another, so that each can be read alone.
 */
const HEAD = 16;
/** Events come first in the numbers of the order. */
const EVENTS = 0x1_0000_0000 - FIRST_EVENT;
const CONTEXTS = 1 << 15;
/** No chunk has more bytes of records. */
const MAX_RECORDS = 0x1000_0000;

/** Guesses the number of the next record; the same for who takes apart and who puts together. */
class Foresight {
  private readonly seen = new Int32Array(CONTEXTS);
  private context = 0;

  reset(): void {
    this.seen.fill(0);
    this.context = 0;
  }

  /** What is foreseen; 0: nothing. */
  get next(): number {
    return this.seen[this.context];
  }

  /** What came. @param number 0 to 2^31 - 1 */
  came(number: number): void {
    this.seen[this.context] = number;
    // Each step moves the older records' bits out; the last three or so remain.
    this.context = ((this.context << 5) ^ Math.imul(number, 0x9e35)) & (CONTEXTS - 1);
  }
}

/** Where the records of each block stand in a chunk. */
class Places {
  /** The blocks, in the order in which they first come. */
  readonly blocks: number[] = [];
  /** By block: how many records there are; after `sort`, the end of its places. */
  private counts = new Int32Array(1024);
  /** The records' blocks, then, sorted, their places. */
  private ids = new Int32Array(0x1000);
  private places = new Int32Array(0x1000);
  private sorted = new Int32Array(0x1000);
  private length = 0;

  reset(): void {
    for (const id of this.blocks) this.counts[id] = 0;
    this.blocks.length = 0;
    this.length = 0;
  }

  add(id: number, at: number): void {
    if (id >= this.counts.length) this.counts = grown(this.counts, id + 1);
    if (this.length === this.ids.length) {
      this.ids = grown(this.ids, 0);
      this.places = grown(this.places, 0);
    }
    if (this.counts[id]++ === 0) this.blocks.push(id);
    this.ids[this.length] = id;
    this.places[this.length++] = at;
  }

  /** Calls `visit` for each block with the places of its records. */
  forEachBlock(visit: (id: number, places: Int32Array) => void): void {
    const { counts, blocks, ids, places, length } = this;
    if (this.sorted.length < length) this.sorted = new Int32Array(ids.length);
    const { sorted } = this;
    let next = 0;
    for (const id of blocks) {
      const count = counts[id];
      counts[id] = next;
      next += count;
    }
    for (let i = 0; i < length; i++) sorted[counts[ids[i]]++] = places[i];
    let start = 0;
    for (const id of blocks) {
      visit(id, sorted.subarray(start, counts[id]));
      start = counts[id];
    }
  }
}

function grown(from: Int32Array, atLeast: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(Math.max(atLeast, from.length * 2));
  to.set(from);
  return to;
}

/** Takes records apart into columns, and puts them together again. The table must define the blocks of all records. */
export class RecordColumns {
  private readonly foresight = new Foresight();
  private readonly places = new Places();
  private readonly order = new ByteWriter(0x1000);
  private readonly events = new ByteWriter(0x1000);
  private out = new Uint8Array(0x1000);

  constructor(private readonly table: RecordTable) {}

  /** @returns the columns, valid until the next call */
  split(records: Uint8Array): Uint8Array {
    const { foresight, places, order, events, table } = this;
    const words = asWords(records);
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    for (const each of [foresight, places, order, events]) each.reset();
    let count = 0;
    let foreseen = 0;
    let valueWords = 0;
    for (let at = 0; at < words.length; count++) {
      const id = words[at] >>> 0;
      const isEvent = id >= FIRST_EVENT;
      const number = isEvent ? id - FIRST_EVENT : id + EVENTS;
      if (foresight.next === number && number !== 0) foreseen++;
      else {
        order.u32(foreseen);
        order.u32(number);
        foreseen = 0;
      }
      foresight.came(number);
      if (isEvent) {
        const end = at + ((EVENT_HEADER + words[at + 1]) >> 2);
        assert(end > at + 1 && end <= words.length, 'damaged trace event');
        events.bytes(bytes.subarray(at * 4 + 4, end * 4));
        at = end;
      } else {
        const size = table.recordWords(id);
        assert(size > 0, `the trace has a record of block ${id} but no definition`);
        places.add(id, at);
        valueWords += size - 1;
        at += size;
        assert(at <= words.length, `the record of block ${id} is cut short`);
      }
    }
    order.u32(foreseen);
    return this.write(words, count, valueWords);
  }

  private write(words: Int32Array, count: number, valueWords: number): Uint8Array {
    const { order, events, places, table } = this;
    const columnsAt = HEAD + order.length + events.length;
    const length = columnsAt + valueWords * 4;
    if (this.out.length < length) this.out = new Uint8Array(length * 2);
    const { out } = this;
    const head = new DataView(out.buffer);
    head.setUint32(0, words.byteLength, true);
    head.setUint32(4, count, true);
    head.setUint32(8, order.length, true);
    head.setUint32(12, events.length, true);
    out.set(order.view(), HEAD);
    out.set(events.view(), HEAD + order.length);
    let at = columnsAt;
    places.forEachBlock((id, starts) => {
      const size = table.recordWords(id);
      for (let word = 1; word < size; word++) {
        splitColumn(words, starts, word, out, at);
        at += starts.length * 4;
      }
    });
    return out.subarray(0, length);
  }

  /** @returns the records, valid until the next call @throws AssertionError if the columns are damaged */
  join(columns: Uint8Array): Uint8Array {
    const head = new ByteReader(columns);
    const recordBytes = head.fixed32();
    assert(recordBytes % 4 === 0 && recordBytes <= MAX_RECORDS, 'trace records are not a whole number of words');
    if (this.out.length < recordBytes) this.out = new Uint8Array(recordBytes * 2);
    const words = new Int32Array(this.out.buffer, 0, recordBytes >> 2);
    const count = head.fixed32();
    const orderBytes = head.fixed32();
    const eventBytes = head.fixed32();
    this.placeRecords(words, count, new ByteReader(head.bytes(orderBytes)), new ByteReader(head.bytes(eventBytes)));
    this.places.forEachBlock((id, starts) => {
      const size = this.table.recordWords(id);
      for (let word = 1; word < size; word++) joinColumn(head.bytes(starts.length * 4), starts, word, words);
    });
    assert(head.atEnd, 'there is more in the columns than in the records');
    return this.out.subarray(0, recordBytes);
  }

  /** Puts the events and the first words of the blocks' records in their places. */
  private placeRecords(words: Int32Array, count: number, order: ByteReader, events: ByteReader): void {
    const { foresight, places, table } = this;
    foresight.reset();
    places.reset();
    let foreseen = order.u32();
    let at = 0;
    for (let i = 0; i < count; i++) {
      let number: number;
      if (foreseen > 0) {
        number = foresight.next;
        foreseen--;
      } else {
        number = order.u32();
        foreseen = order.u32();
      }
      foresight.came(number);
      assert(at < words.length, 'there are more records in the columns than there should be');
      if (number < EVENTS) {
        const payload = events.fixed32();
        const end = at + ((EVENT_HEADER + payload) >> 2);
        assert(payload % 4 === 0 && end <= words.length, 'damaged trace event');
        words[at] = FIRST_EVENT + number;
        words[at + 1] = payload;
        const data = events.bytes(payload);
        new Uint8Array(words.buffer, words.byteOffset + at * 4 + EVENT_HEADER, payload).set(data);
        at = end;
      } else {
        const id = number - EVENTS;
        const size = table.recordWords(id);
        assert(size > 0, `the trace has a record of block ${id} but no definition`);
        assert(at + size <= words.length, `the record of block ${id} is cut short`);
        words[at] = id;
        places.add(id, at);
        at += size;
      }
    }
    assert(at === words.length && order.atEnd && events.atEnd, 'the columns do not give as many records as they should');
  }
}

/** One column: differences of the words `word` of the records at `starts`, byte by byte. */
function splitColumn(words: Int32Array, starts: Int32Array, word: number, out: Uint8Array, at: number): void {
  const n = starts.length;
  let before = 0;
  for (let i = 0, p = at; i < n; i++, p++) {
    const value = words[starts[i] + word];
    const difference = value - before;
    before = value;
    out[p] = difference;
    out[p + n] = difference >> 8;
    out[p + 2 * n] = difference >> 16;
    out[p + 3 * n] = difference >> 24;
  }
}

function joinColumn(column: Uint8Array, starts: Int32Array, word: number, words: Int32Array): void {
  const n = starts.length;
  let value = 0;
  for (let i = 0; i < n; i++) {
    value = (value + (column[i] | (column[i + n] << 8) | (column[i + 2 * n] << 16) | (column[i + 3 * n] << 24))) | 0;
    words[starts[i] + word] = value;
  }
}
