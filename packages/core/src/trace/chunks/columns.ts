import { assert, ByteReader } from '../../base/index.ts';
import { EVENT_HEADER, FIRST_EVENT } from '../events.ts';
import { asWords, type RecordTable, type RecordWalker, WALKED_EVENTS } from '../walker.ts';
import { AREAS, Cell, CONTEXTS, type ColumnsCode, createColumnsCode, createColumnsMemory, SEEN, Stop } from './columnsCode.ts';

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
/** No chunk has more bytes of records. */
const MAX_RECORDS = 0x1000_0000;
/** Bytes that the order takes at most for each byte of records: none has fewer than 4, and two numbers of at most 5 and 1 bytes. */
const ORDER_SHARE = 1.5;
const WASM_PAGE = 0x1_0000;

/** Takes records apart into columns, and puts them together again. The table must define the blocks of all records. */
export class RecordColumns {
  private readonly memory = createColumnsMemory();
  private readonly code: ColumnsCode = createColumnsCode(this.memory);
  private bytes: Uint8Array = new Uint8Array(0);
  private words: Int32Array = new Int32Array(0);
  /** What there is room for. */
  private blocks = 0;
  private recordBytes = 0;
  private columnBytes = 0;
  /** Linear offsets. */
  private recordsAt = 0;
  private columnsAt = 0;
  private eventsAt = 0;
  private version = -1;

  constructor(private readonly table: RecordTable) {}

  /**
   * @param walker walks over the records meanwhile
   * @returns the columns, valid until the next call
   * @throws AssertionError if the records are damaged
   */
  split(records: Uint8Array, walker: RecordWalker): Uint8Array {
    const given = asWords(records);
    const length = given.byteLength;
    this.begin(length, HEAD + length + Math.ceil(length * ORDER_SHARE) + HEAD);
    const { code, bytes, words, recordsAt, columnsAt } = this;
    words.set(given, recordsAt >> 2);
    const end = recordsAt + length;
    this.setCell(Cell.order, columnsAt + HEAD);
    this.setCell(Cell.eventsEnd, this.eventsAt);
    // Where not all is wanted, the walker goes through the records of blocks itself.
    this.setCell(Cell.plainEvents, this.table.isFiltered ? 0 : ~WALKED_EVENTS);
    for (let at = recordsAt; at < end; ) {
      const start = at;
      at = code.scan(at, end);
      assert(at <= end, 'the last record of a chunk is cut short');
      const walked = this.cell(Cell.walked) + this.cell(Cell.walked + 4) * 0x1_0000_0000;
      walker.blocks(given, (start - recordsAt) >> 2, (at - recordsAt) >> 2, walked);
      if (at === end) break;
      const place = (at - recordsAt) >> 2;
      const size = walker.event(given, place);
      assert(size > 1 && place + size <= given.length, 'damaged trace event');
      code.note((given[place] >>> 0) - FIRST_EVENT);
      const to = this.cell(Cell.eventsEnd);
      bytes.copyWithin(to, at + 4, at + 4 * size);
      this.setCell(Cell.eventsEnd, to + 4 * (size - 1));
      at += 4 * size;
    }
    return this.write(length);
  }

  private write(recordBytes: number): Uint8Array {
    const { code, columnsAt, eventsAt, bytes } = this;
    const eventsEnd = this.cell(Cell.eventsEnd);
    this.setCell(Cell.order, this.writeLeb(this.cell(Cell.order), this.cell(Cell.foreseen)));
    const order = this.cell(Cell.order);
    const head = new DataView(this.memory.buffer, columnsAt, HEAD);
    head.setUint32(0, recordBytes, true);
    head.setUint32(4, this.cell(Cell.records), true);
    head.setUint32(8, order - columnsAt - HEAD, true);
    head.setUint32(12, eventsEnd - eventsAt, true);
    bytes.copyWithin(order, eventsAt, eventsEnd);
    const columns = order + eventsEnd - eventsAt;
    code.split(columns);
    return bytes.subarray(columnsAt, columns + this.cell(Cell.valueWords) * 4);
  }

  private writeLeb(at: number, value: number): number {
    let rest = value;
    let to = at;
    for (; rest > 0x7f; rest >>>= 7) this.bytes[to++] = (rest & 0x7f) | 0x80;
    this.bytes[to++] = rest;
    return to;
  }

  /** @returns the records, valid until the next call @throws AssertionError if the columns are damaged */
  join(columns: Uint8Array): Uint8Array {
    const head = new ByteReader(columns);
    const recordBytes = head.fixed32();
    assert(recordBytes % 4 === 0 && recordBytes <= MAX_RECORDS, 'trace records are not a whole number of words');
    const count = head.fixed32();
    const orderBytes = head.fixed32();
    const eventBytes = head.fixed32();
    head.bytes(orderBytes);
    const events = new ByteReader(head.bytes(eventBytes));
    this.begin(recordBytes, columns.length);
    const { code, bytes, words, recordsAt, columnsAt } = this;
    bytes.set(columns, columnsAt);
    const order = columnsAt + HEAD;
    const end = recordsAt + recordBytes;
    this.setCell(Cell.orderEnd, order + orderBytes);
    this.setCell(Cell.records, count);
    // How many are foreseen before the first that is not.
    const first = new ByteReader(columns.subarray(HEAD, HEAD + orderBytes));
    this.setCell(Cell.foreseen, first.u32());
    this.setCell(Cell.order, order + first.position);
    let at = recordsAt;
    for (;;) {
      at = code.place(at, end);
      const stop = this.cell(Cell.stop) | 0;
      if (stop === Stop.end) break;
      assert(stop !== Stop.tooMany, 'there are more records in the columns than there should be');
      assert(stop !== Stop.undefinedBlock, `the trace has a record of block ${this.cell(Cell.undefinedBlock)} but no definition`);
      assert(stop !== Stop.cutShort, 'the last record of a chunk is cut short');
      assert(stop !== Stop.damagedOrder, 'beyond the end of the order of records');
      const payload = events.fixed32();
      const next = at + EVENT_HEADER + payload;
      assert(payload % 4 === 0 && next <= end, 'damaged trace event');
      words[at >> 2] = FIRST_EVENT + stop;
      words[(at >> 2) + 1] = payload;
      bytes.set(events.bytes(payload), at + EVENT_HEADER);
      at = next;
    }
    assert(at === end && this.cell(Cell.order) === order + orderBytes && events.atEnd, 'the columns do not give as many records as they should');
    const columnBytes = this.cell(Cell.valueWords) * 4;
    head.bytes(columnBytes);
    assert(head.atEnd, 'there is more in the columns than in the records');
    code.join(order + orderBytes + eventBytes);
    return bytes.subarray(recordsAt, end);
  }

  /** A chunk begins, with room for its records and columns. */
  private begin(recordBytes: number, columnBytes: number): void {
    const { table } = this;
    const isTooSmall = table.packed.length > this.blocks || recordBytes > this.recordBytes || columnBytes > this.columnBytes;
    if (isTooSmall) this.layOut(recordBytes, columnBytes);
    if (isTooSmall || this.version !== table.version) this.words.set(table.packed, this.cell(Cell.table) >> 2);
    this.version = table.version;
    this.words.fill(0, 0, Cell.table >> 2);
    this.words.fill(0, SEEN >> 2, (SEEN >> 2) + CONTEXTS);
    // Those of a chunk that was damaged may be left.
    this.words.fill(0, this.cell(Cell.counts) >> 2, (this.cell(Cell.counts) >> 2) + this.blocks);
  }

  /** Makes room: areas as in columnsCode.ts. */
  private layOut(recordBytes: number, columnBytes: number): void {
    this.blocks = this.table.packed.length;
    this.recordBytes = Math.max(this.recordBytes, recordBytes);
    this.columnBytes = Math.max(this.columnBytes, columnBytes);
    const areas: [cell: number, offset: number][] = [];
    let end = AREAS;
    const area = (bytes: number): number => {
      const at = end;
      end += (bytes + 7) & -8;
      return at;
    };
    // Records with places have two words or more.
    const placeBytes = this.recordBytes / 2;
    for (const cell of [Cell.table, Cell.counts, Cell.blockList]) areas.push([cell, area(this.blocks * 4)]);
    for (const cell of [Cell.ids, Cell.placeList, Cell.sorted]) areas.push([cell, area(placeBytes)]);
    this.recordsAt = area(this.recordBytes);
    this.columnsAt = area(this.columnBytes);
    this.eventsAt = area(this.recordBytes);
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / WASM_PAGE);
    if (missing > 0) this.memory.grow(missing);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Int32Array(this.memory.buffer);
    for (const [cell, offset] of areas) this.setCell(cell, offset);
    this.setCell(Cell.tableLength, this.blocks);
  }

  private cell(offset: number): number {
    return this.words[offset >> 2] >>> 0;
  }

  private setCell(offset: number, value: number): void {
    this.words[offset >> 2] = value;
  }
}
