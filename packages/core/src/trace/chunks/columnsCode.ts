import { FunctionWriter, ModuleBuilder, type Value } from '../../wasm/index.ts';
import { EVENT_HEADER, FIRST_EVENT } from '../events.ts';
import { WORDS_BITS } from '../walker.ts';

/**
 * What takes records apart and puts them together, in Wasm: it runs for each block that the guest executes. The memory that
 * it works on, whose areas but the first two the cells say:
 *
 *     0       cells, see Cell
 *     SEEN    u32 by context: the number that came last behind these records, 0: none
 *     …       u32 by block: words of its record and instructions, as in RecordTable.packed
 *             u32 by block: how many records of it there are; then the end of its places. Zeros between chunks
 *             u32 each: the blocks that have columns, in the order in which they first come
 *             u32 by record with words besides its block's number: the block, and the record's offset
 *             u32: the same offsets, block by block
 *             records, columns, and the words of events but their first ones
 */
export const SEEN = 0x400;
export const CONTEXTS = 1 << 15;
export const AREAS = SEEN + CONTEXTS * 4;

/** Linear offsets of words: of this state the first ones last from one call to the next within a chunk. */
export const Cell = {
  context: 0x00,
  /** How many records were foreseen since the last that was not. */
  foreseen: 0x04,
  /** Where the order is written or read next. */
  order: 0x08,
  /** Records with places, and blocks that have some. */
  places: 0x0c,
  blocks: 0x10,
  /** Records so far, when taken apart; records that are still to come, when put together. */
  records: 0x14,
  /** Words of records besides their blocks' numbers. */
  valueWords: 0x18,
  /** When put together: the number of the event that comes next, or one of Stop. */
  stop: 0x1c,
  /** u64: instructions of the blocks that the last call has gone through. */
  walked: 0x20,
  /** The block of which there is no definition. */
  undefinedBlock: 0x28,
  /** Where words of events are written next. */
  eventsEnd: 0x2c,
  /** When taken apart: by event, a bit that is set if `scan` goes on behind it. */
  plainEvents: 0x30,
  // Areas.
  table: 0x40,
  tableLength: 0x44,
  counts: 0x48,
  blockList: 0x4c,
  ids: 0x50,
  placeList: 0x54,
  sorted: 0x58,
  orderEnd: 0x5c,
} as const;

/** Why `place` stopped, but at an event. */
export const Stop = { end: -1, tooMany: -2, undefinedBlock: -3, cutShort: -4, damagedOrder: -5 } as const;

/** Events come first in the numbers of the order. */
export const EVENTS = 0x1_0000_0000 - FIRST_EVENT;

export interface ColumnsCode {
  /** Takes records from `at` on apart, up to `end`, an event that is not plain, or a block that is not defined. @returns where it stopped */
  scan(at: number, end: number): number;
  /** An event with this number comes next. */
  note(number: number): void;
  /** Writes the columns of the records that `scan` went through. */
  split(columns: number): void;
  /** Puts the numbers of records in their places from `at` on, up to the last, or an event: see Cell.stop. @returns where it stopped */
  place(at: number, end: number): number;
  /** Fills the records that `place` went through from their columns. */
  join(columns: number): void;
}

/** 4 GiB. */
const MOST_PAGES = 0x1_0000;

export function createColumnsMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES });
}

/** Makes the code. @param memory grown as needed by who uses it */
export function createColumnsCode(memory: WebAssembly.Memory): ColumnsCode {
  const module = new ModuleBuilder(1, false, MOST_PAGES);
  const add = (name: keyof ColumnsCode, { body }: FunctionWriter, params: number, results: number): void => {
    module.add(module.type(new Array<'i32'>(params).fill('i32'), new Array<'i32'>(results).fill('i32')), body, name);
  };
  add('scan', scanFunction(), 2, 1);
  add('note', noteFunction(), 1, 0);
  add('split', columnsFunction(splitColumn), 1, 0);
  add('place', placeFunction(), 2, 1);
  add('join', columnsFunction(joinColumn), 1, 0);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish('columns')), { env: { memory } });
  return exports as unknown as ColumnsCode;
}

/** Of a packed entry of the table. */
const WORDS_MASK = (1 << WORDS_BITS) - 1;
/** LEB128 of 32 bits. */
const LEB_BITS = 28;

type Locals<N extends string> = Readonly<Record<N, number>>;

/** Reads cells into locals of the same names. */
function readCells(w: FunctionWriter, cells: Readonly<Record<string, number>>): void {
  for (const [name, local] of Object.entries(cells)) w.set(local, w.load(w.i32(Cell[name as keyof typeof Cell])));
}

function writeCells(w: FunctionWriter, cells: Readonly<Record<string, number>>): void {
  for (const [name, local] of Object.entries(cells)) w.store(w.i32(Cell[name as keyof typeof Cell]), w.get(local));
}

/** Where the guess for the next record stands. */
const seenAt = (w: FunctionWriter, context: number): Value => w.wordAt(w.i32(SEEN), w.get(context));

/** The record `number` came. Each step moves the older records' bits out of the context; the last three or so remain. */
function came(w: FunctionWriter, number: number, context: number): void {
  w.store(seenAt(w, context), w.get(number));
  const mixed = w.op('i32.xor', w.op('i32.shl', w.get(context), w.i32(5)), w.op('i32.mul', w.get(number), w.i32(0x9e35)));
  w.set(context, w.op('i32.and', mixed, w.i32(CONTEXTS - 1)));
}

function writeLeb(w: FunctionWriter, rest: number, order: number): void {
  w.while(w.op('i32.ge_u', w.get(rest), w.i32(0x80)), () => {
    w.store8(w.get(order), w.op('i32.or', w.get(rest), w.i32(0x80)));
    w.add(order, w.i32(1));
    w.set(rest, w.op('i32.shr_u', w.get(rest), w.i32(7)));
  });
  w.store8(w.get(order), w.get(rest));
  w.add(order, w.i32(1));
}

/** Writes into the order that `number` comes next, if that was not foreseen. */
function note(w: FunctionWriter, number: number, { context, foreseen, order, rest }: Locals<'context' | 'foreseen' | 'order' | 'rest'>): void {
  // 0 is an event's number, and stands for nothing foreseen.
  const isForeseen = w.op('i32.and', w.op('i32.eq', w.load(seenAt(w, context)), w.get(number)), w.op('i32.ne', w.get(number), w.i32(0)));
  w.if(
    isForeseen,
    () => w.add(foreseen, w.i32(1)),
    () => {
      writeLeb(w, foreseen, order);
      w.set(rest, w.get(number));
      writeLeb(w, rest, order);
      w.set(foreseen, w.i32(0));
    },
  );
  came(w, number, context);
}

function noteFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32']);
  const state = w.locals('i32', 'context', 'foreseen', 'order');
  const { rest } = w.locals('i32', 'rest');
  readCells(w, state);
  note(w, 0, { ...state, rest });
  writeCells(w, state);
  w.store(w.i32(Cell.records), w.op('i32.add', w.load(w.i32(Cell.records)), w.i32(1)));
  return w;
}

/** Counts a record of block `id` at `at`, of `words` words, and remembers its place if there is something in it. */
function putPlace(
  w: FunctionWriter,
  {
    id,
    at,
    words,
    count,
    places,
    blocks,
    valueWords,
    counts,
    blockList,
    ids,
    placeList,
  }: Locals<'id' | 'at' | 'words' | 'count' | 'places' | 'blocks' | 'valueWords' | 'counts' | 'blockList' | 'ids' | 'placeList'>,
): void {
  w.if(w.op('i32.gt_u', w.get(words), w.i32(1)), () => {
    const own = w.wordAt(w.get(counts), w.get(id));
    w.set(count, w.load(own));
    w.store(own, w.op('i32.add', w.get(count), w.i32(1)));
    w.if(w.op('i32.eqz', w.get(count)), () => {
      w.store(w.wordAt(w.get(blockList), w.get(blocks)), w.get(id));
      w.add(blocks, w.i32(1));
    });
    w.store(w.wordAt(w.get(ids), w.get(places)), w.get(id));
    w.store(w.wordAt(w.get(placeList), w.get(places)), w.get(at));
    w.add(places, w.i32(1));
    w.add(valueWords, w.op('i32.sub', w.get(words), w.i32(1)));
  });
}

const wordsOf = (w: FunctionWriter, packed: number): Value => w.op('i32.and', w.get(packed), w.i32(WORDS_MASK));

function scanFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32']);
  const [at, end] = [0, 1];
  const state = w.locals('i32', 'context', 'foreseen', 'order', 'places', 'blocks', 'records', 'valueWords', 'eventsEnd');
  const areas = w.locals('i32', 'table', 'tableLength', 'counts', 'blockList', 'ids', 'placeList', 'plainEvents');
  const { id, packed, number, rest, words, count } = w.locals('i32', 'id', 'packed', 'number', 'rest', 'words', 'count');
  const { walked } = w.locals('i64', 'walked');
  const { body } = w;
  readCells(w, { ...state, ...areas });
  w.while(w.op('i32.lt_u', w.get(at), w.get(end)), () => {
    w.set(id, w.load(w.get(at)));
    w.if(
      w.op('i32.ge_u', w.get(id), w.get(areas.tableLength)),
      () => {
        w.set(number, w.op('i32.sub', w.get(id), w.i32(FIRST_EVENT)));
        // Of blocks that are not defined the number is large.
        const isPlain = w.op('i32.and', w.op('i32.shr_u', w.get(areas.plainEvents), w.get(number)), w.i32(1));
        w.op('i32.eqz', w.op('i32.and', isPlain, w.op('i32.lt_u', w.get(number), w.i32(EVENT_BITS))))();
        body.brIf(2);
        takeEvent(w, { ...state, at, end, number, words, rest });
      },
      () => {
        w.set(packed, w.word(w.get(areas.table), w.get(id)));
        w.op('i32.eqz', w.get(packed))();
        body.brIf(2);
        w.set(number, w.op('i32.add', w.get(id), w.i32(EVENTS)));
        note(w, number, { ...state, rest });
        w.set(walked, w.op('i64.add', w.get(walked), w.op('i64.extend_i32_u', w.op('i32.shr_u', w.get(packed), w.i32(WORDS_BITS)))));
        w.set(words, wordsOf(w, packed));
        putPlace(w, { ...state, ...areas, id, at, words, count });
        w.set(at, w.wordAt(w.get(at), w.get(words)));
      },
    );
    w.add(state.records, w.i32(1));
  });
  writeCells(w, state);
  body.i32(Cell.walked);
  body.get(walked);
  w.op('i64.store')();
  body.code.byte(0);
  body.code.u32(0);
  body.get(at);
  return w;
}

/** Events of lower numbers may be plain. */
const EVENT_BITS = 32;

/** Copies the words of an event but the first; leaves the loop two labels around this where it would go beyond the end. */
function takeEvent(
  w: FunctionWriter,
  { at, end, number, words, rest, eventsEnd, ...state }: Locals<'at' | 'end' | 'number' | 'words' | 'rest' | 'eventsEnd' | 'context' | 'foreseen' | 'order'>,
): void {
  // In bytes. Beyond the end there may be no memory to load from.
  const left = (): void => w.op('i32.sub', w.get(end), w.get(at))();
  w.op('i32.lt_u', left, w.i32(EVENT_HEADER))();
  w.body.brIf(2);
  w.set(words, w.load(w.op('i32.add', w.get(at), w.i32(4))));
  w.op('i32.or', w.op('i32.and', w.get(words), w.i32(3)), w.op('i32.gt_u', w.get(words), w.op('i32.sub', left, w.i32(EVENT_HEADER))))();
  w.body.brIf(2);
  note(w, number, { ...state, rest });
  w.set(words, w.op('i32.add', w.get(words), w.op('i32.add', w.get(at), w.i32(EVENT_HEADER))));
  w.add(at, w.i32(4));
  w.while(w.op('i32.lt_u', w.get(at), w.get(words)), () => {
    w.store(w.get(eventsEnd), w.load(w.get(at)));
    w.add(eventsEnd, w.i32(4));
    w.add(at, w.i32(4));
  });
}

/** Reads LEB128 into a local; stops where there is none. */
function readLeb(w: FunctionWriter, into: number, { order, orderEnd, shift, byte }: Locals<'order' | 'orderEnd' | 'shift' | 'byte'>, stop: () => void): void {
  w.set(into, w.i32(0));
  w.set(shift, w.i32(0));
  w.set(byte, w.i32(0x80));
  w.while(w.op('i32.and', w.get(byte), w.i32(0x80)), () => {
    const isDamaged = w.op('i32.or', w.op('i32.ge_u', w.get(order), w.get(orderEnd)), w.op('i32.gt_u', w.get(shift), w.i32(LEB_BITS)));
    w.if(isDamaged, stop);
    w.set(byte, w.load8(w.get(order)));
    w.add(order, w.i32(1));
    w.set(into, w.op('i32.or', w.get(into), w.op('i32.shl', w.op('i32.and', w.get(byte), w.i32(0x7f)), w.get(shift))));
    w.add(shift, w.i32(7));
  });
}

function placeFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32']);
  const [at, end] = [0, 1];
  const state = w.locals('i32', 'context', 'foreseen', 'order', 'places', 'blocks', 'records', 'valueWords');
  const areas = w.locals('i32', 'table', 'tableLength', 'counts', 'blockList', 'ids', 'placeList', 'orderEnd');
  const { id, packed, number, words, count, shift, byte } = w.locals('i32', 'id', 'packed', 'number', 'words', 'count', 'shift', 'byte');
  const stop = (why: Value): void => {
    writeCells(w, state);
    w.store(w.i32(Cell.stop), why);
    w.return(w.get(at));
  };
  readCells(w, { ...state, ...areas });
  w.while(w.get(state.records), () => {
    w.if(
      w.get(state.foreseen),
      () => {
        w.set(number, w.load(seenAt(w, state.context)));
        w.add(state.foreseen, w.i32(-1));
      },
      () => {
        const leb = { ...state, ...areas, shift, byte };
        readLeb(w, number, leb, () => stop(w.i32(Stop.damagedOrder)));
        readLeb(w, state.foreseen, leb, () => stop(w.i32(Stop.damagedOrder)));
      },
    );
    came(w, number, state.context);
    w.add(state.records, w.i32(-1));
    w.if(w.op('i32.ge_u', w.get(at), w.get(end)), () => stop(w.i32(Stop.tooMany)));
    w.if(w.op('i32.lt_u', w.get(number), w.i32(EVENTS)), () => stop(w.get(number)));
    w.set(id, w.op('i32.sub', w.get(number), w.i32(EVENTS)));
    const isUndefined = (): void => {
      w.store(w.i32(Cell.undefinedBlock), w.get(id));
      stop(w.i32(Stop.undefinedBlock));
    };
    w.if(w.op('i32.ge_u', w.get(id), w.get(areas.tableLength)), isUndefined);
    w.set(packed, w.word(w.get(areas.table), w.get(id)));
    w.if(w.op('i32.eqz', w.get(packed)), isUndefined);
    w.set(words, wordsOf(w, packed));
    w.if(w.op('i32.gt_u', w.get(words), w.op('i32.shr_u', w.op('i32.sub', w.get(end), w.get(at)), w.i32(2))), () => stop(w.i32(Stop.cutShort)));
    w.store(w.get(at), w.get(id));
    putPlace(w, { ...state, ...areas, id, at, words, count });
    w.set(at, w.wordAt(w.get(at), w.get(words)));
  });
  stop(w.i32(Stop.end));
  w.body.i32(0);
  return w;
}

/** What one column's code works with: n words, and where their bytes 0 to 3 stand. */
type Column = Locals<'i' | 'n' | 'starts' | 'offset' | 'value' | 'byte0' | 'byte1' | 'byte2' | 'byte3' | 'place'>;

/** Writes or reads all columns of a chunk: `each` is the loop over one. */
function columnsFunction(each: (w: FunctionWriter, column: Column) => void): FunctionWriter {
  const w = new FunctionWriter(['i32']);
  const columns = 0;
  const state = w.locals('i32', 'places', 'blocks');
  const areas = w.locals('i32', 'table', 'counts', 'blockList', 'ids', 'placeList', 'sorted');
  const column = w.locals('i32', 'i', 'n', 'starts', 'offset', 'value', 'byte0', 'byte1', 'byte2', 'byte3', 'place');
  const { block, own, next, count, packed, last } = w.locals('i32', 'block', 'own', 'next', 'count', 'packed', 'last');
  readCells(w, { ...state, ...areas });
  // From how many there are of each block to where the first of them belongs.
  w.while(w.op('i32.lt_u', w.get(block), w.get(state.blocks)), () => {
    w.set(own, w.wordAt(w.get(areas.counts), w.word(w.get(areas.blockList), w.get(block))));
    w.set(count, w.load(w.get(own)));
    w.store(w.get(own), w.get(next));
    w.add(next, w.get(count));
    w.add(block, w.i32(1));
  });
  w.set(block, w.i32(0));
  w.while(w.op('i32.lt_u', w.get(block), w.get(state.places)), () => {
    w.set(own, w.wordAt(w.get(areas.counts), w.word(w.get(areas.ids), w.get(block))));
    w.set(next, w.load(w.get(own)));
    w.store(w.wordAt(w.get(areas.sorted), w.get(next)), w.word(w.get(areas.placeList), w.get(block)));
    w.store(w.get(own), w.op('i32.add', w.get(next), w.i32(1)));
    w.add(block, w.i32(1));
  });
  w.set(block, w.i32(0));
  w.set(column.starts, w.get(areas.sorted));
  w.set(next, w.i32(0));
  w.while(w.op('i32.lt_u', w.get(block), w.get(state.blocks)), () => {
    const id = w.word(w.get(areas.blockList), w.get(block));
    w.set(own, w.wordAt(w.get(areas.counts), id));
    w.set(packed, w.word(w.get(areas.table), id));
    w.set(count, w.load(w.get(own)));
    w.store(w.get(own), w.i32(0));
    w.set(column.n, w.op('i32.sub', w.get(count), w.get(next)));
    w.set(next, w.get(count));
    w.set(last, w.op('i32.shl', wordsOf(w, packed), w.i32(2)));
    w.set(column.offset, w.i32(4));
    w.while(w.op('i32.lt_u', w.get(column.offset), w.get(last)), () => {
      w.set(column.byte0, w.get(columns));
      w.set(column.byte1, w.op('i32.add', w.get(column.byte0), w.get(column.n)));
      w.set(column.byte2, w.op('i32.add', w.get(column.byte1), w.get(column.n)));
      w.set(column.byte3, w.op('i32.add', w.get(column.byte2), w.get(column.n)));
      w.set(columns, w.op('i32.add', w.get(column.byte3), w.get(column.n)));
      w.set(column.i, w.i32(0));
      w.set(column.value, w.i32(0));
      w.while(w.op('i32.lt_u', w.get(column.i), w.get(column.n)), () => {
        w.set(column.place, w.op('i32.add', w.word(w.get(column.starts), w.get(column.i)), w.get(column.offset)));
        each(w, column);
        w.add(column.i, w.i32(1));
      });
      w.add(column.offset, w.i32(4));
    });
    w.set(column.starts, w.wordAt(w.get(column.starts), w.get(column.n)));
    w.add(block, w.i32(1));
  });
  return w;
}

const columnBytes = ({ byte0, byte1, byte2, byte3 }: Column): readonly number[] => [byte0, byte1, byte2, byte3];

/** Writes the difference of the word at `place` to the one before. */
function splitColumn(w: FunctionWriter, column: Column): void {
  const { i, place, value } = column;
  // `place` becomes the word, then the difference.
  w.set(place, w.load(w.get(place)));
  columnBytes(column).forEach((byte, number) => {
    const difference = w.op('i32.sub', w.get(place), w.get(value));
    w.store8(w.op('i32.add', w.get(byte), w.get(i)), number === 0 ? difference : w.op('i32.shr_u', difference, w.i32(8 * number)));
  });
  w.set(value, w.get(place));
}

/** Puts the word at `place` together. */
function joinColumn(w: FunctionWriter, column: Column): void {
  const { i, place, value } = column;
  const parts = columnBytes(column).map((byte, number) => w.op('i32.shl', w.load8(w.op('i32.add', w.get(byte), w.get(i))), w.i32(8 * number)));
  w.add(
    value,
    parts.reduce((sum, part) => w.op('i32.or', sum, part)),
  );
  w.store(w.get(place), w.get(value));
}
