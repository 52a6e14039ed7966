import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { TableBatch, TableSink } from './tableBatch.ts';

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];

const column = (name: string, type: 'INT32' | 'INT64' | 'BYTE_ARRAY', converted?: 'UTF8' | 'UINT_64'): Schema[number] => ({
  name,
  type,
  repetition_type: 'REQUIRED',
  ...(converted === undefined ? {} : { converted_type: converted }),
});

const SCHEMA: Schema = [
  { name: 'trace', num_children: 10 },
  column('step', 'INT64'),
  column('tid', 'INT32'),
  column('pc', 'INT64', 'UINT_64'),
  column('kind', 'BYTE_ARRAY', 'UTF8'),
  column('name', 'BYTE_ARRAY', 'UTF8'),
  column('symbol', 'BYTE_ARRAY', 'UTF8'),
  column('address', 'INT64', 'UINT_64'),
  column('size', 'INT32'),
  column('value', 'INT64', 'UINT_64'),
  column('high', 'INT64', 'UINT_64'),
];

/** Writes a table as Parquet, a row group a batch, compressed with Snappy. @param write gets the file's bytes, valid during the call only */
export function createParquetSink(write: (bytes: Uint8Array) => void): TableSink {
  const writer = new ByteWriter(0x10_0000);
  const parquet = new ParquetWriter({ writer, schema: SCHEMA, createdBy: 'everystep' });
  const flush = (): void => {
    write(writer.getBytes());
    // Offsets in the file go on.
    writer.index = 0;
  };
  return {
    write(batch) {
      const columnData = SCHEMA.slice(1).map(({ name, type }) => {
        const data = batch[name as Exclude<keyof TableBatch, 'rows' | 'capacity'>];
        // Statistics are for who looks for steps. Numbers are seldom the same: a dictionary costs more than it saves.
        return { name, data: data.slice(0, batch.rows), statistics: name === 'step', ...(type === 'BYTE_ARRAY' ? {} : { encoding: 'PLAIN' as const }) };
      });
      void parquet.write({ columnData, rowGroupSize: batch.rows });
      flush();
    },
    end() {
      void parquet.finish();
      flush();
    },
  };
}
