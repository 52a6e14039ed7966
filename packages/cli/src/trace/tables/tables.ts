import { createFormatSink, type FormatSettings } from '@everystep/core';
import { type SinkMaker, withDisassembler } from '../formatSinks.ts';
import { createArrowSink } from './arrow.ts';
import { createParquetSink } from './parquet.ts';
import { TableFormatter } from './tableFormatter.ts';

/** Loads what a format that is a table needs. @param format parquet or arrow */
export function loadTableSinkMaker(format: string, settings: FormatSettings): Promise<SinkMaker> {
  const createSink = format === 'parquet' ? createParquetSink : createArrowSink;
  return withDisassembler(settings, (context, write, options) =>
    createFormatSink((reader) => new TableFormatter(reader, context, createSink(write)), context, options),
  );
}
