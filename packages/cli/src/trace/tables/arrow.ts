import { type Data, Field, Int32, Int64, makeData, RecordBatch, Schema, Struct, Table, tableToIPC, Uint64, Utf8 } from 'apache-arrow';
import type { TableBatch, TableSink } from './tableBatch.ts';

const INT32 = new Int32();
const UINT64 = new Uint64();
const TEXT = new Utf8();
/** What ends a stream: the continuation mark, and no message. */
const END_BYTES = 8;

/** Of each column, its type and how its data is made of a batch. */
const COLUMNS = [
  { name: 'step', type: new Int64(), data: ({ step, rows }: TableBatch) => makeData({ type: new Int64(), data: step.slice(0, rows) }) },
  { name: 'tid', type: INT32, data: ({ tid, rows }: TableBatch) => makeData({ type: INT32, data: tid.slice(0, rows) }) },
  { name: 'pc', type: UINT64, data: ({ pc, rows }: TableBatch) => makeData({ type: UINT64, data: pc.slice(0, rows) }) },
  { name: 'kind', type: TEXT, data: ({ kind, rows }: TableBatch) => textData(kind, rows) },
  { name: 'name', type: TEXT, data: ({ name, rows }: TableBatch) => textData(name, rows) },
  { name: 'symbol', type: TEXT, data: ({ symbol, rows }: TableBatch) => textData(symbol, rows) },
  { name: 'address', type: UINT64, data: ({ address, rows }: TableBatch) => makeData({ type: UINT64, data: address.slice(0, rows) }) },
  { name: 'size', type: INT32, data: ({ size, rows }: TableBatch) => makeData({ type: INT32, data: size.slice(0, rows) }) },
  { name: 'value', type: UINT64, data: ({ value, rows }: TableBatch) => makeData({ type: UINT64, data: value.slice(0, rows) }) },
  { name: 'high', type: UINT64, data: ({ high, rows }: TableBatch) => makeData({ type: UINT64, data: high.slice(0, rows) }) },
];

/**
 * Writes a table in Arrow's streaming format, a record batch a batch. The library makes whole streams; here the schema goes out
 * once, then the batches of one stream each, then an end.
 * @param write gets the stream's bytes, valid during the call only
 */
export function createArrowSink(write: (bytes: Uint8Array) => void): TableSink {
  const schema = new Schema(COLUMNS.map(({ name, type }) => new Field(name, type, false)));
  const empty = tableToIPC(new Table(schema), 'stream');
  const schemaBytes = empty.length - END_BYTES;
  write(empty.subarray(0, schemaBytes));
  return {
    write(batch) {
      const children = COLUMNS.map(({ data }) => data(batch) as Data);
      const record = new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: batch.rows, nullCount: 0, children }));
      const stream = tableToIPC(new Table(schema, [record]), 'stream');
      write(stream.subarray(schemaBytes, stream.length - END_BYTES));
    },
    end: () => write(empty.subarray(schemaBytes)),
  };
}

/** Most texts come again and again: each is encoded once. */
function textData(texts: readonly string[], rows: number): Data<Utf8> {
  const encoder = new TextEncoder();
  const encoded = new Map<string, Uint8Array>();
  const valueOffsets = new Int32Array(rows + 1);
  const parts: Uint8Array[] = [];
  for (let row = 0; row < rows; row++) {
    let part = encoded.get(texts[row]);
    if (part === undefined) {
      part = encoder.encode(texts[row]);
      encoded.set(texts[row], part);
    }
    parts.push(part);
    valueOffsets[row + 1] = valueOffsets[row] + part.length;
  }
  const data = new Uint8Array(valueOffsets[rows]);
  for (let row = 0; row < rows; row++) data.set(parts[row], valueOffsets[row]);
  return makeData({ type: TEXT, length: rows, nullCount: 0, valueOffsets, data });
}
