import type { DuckDBResult, Json } from '@duckdb/node-api';
import { JsonDuckDBValueConverter } from '@duckdb/node-api';

/** How rows are written. */
export type QueryFormat = 'table' | 'csv' | 'json';

/** Rows by which the widths of a table's columns are found. */
const MEASURED_ROWS = 1000;
/** Widest column that is filled up with blanks. */
const WIDEST = 60;

/** Writes a result's rows as they come. @param write takes text */
export async function writeRows(result: DuckDBResult, format: QueryFormat, write: (text: string) => void): Promise<void> {
  const names = result.columnNames();
  const writer = format === 'json' ? jsonWriter(names, write) : format === 'csv' ? csvWriter(names, write) : tableWriter(names, write);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    for (const row of chunk.convertRows(JsonDuckDBValueConverter)) writer.row(row.map(exact));
  }
  writer.end();
}

/** 64-bit numbers come as text: those that a number of JSON's holds exactly become one. */
function exact(value: Json | null): Json | null {
  if (typeof value !== 'string' || !/^-?[0-9]{1,16}$/.test(value)) return value;
  const n = Number(value);
  return Number.isSafeInteger(n) && String(n) === value ? n : value;
}

interface RowWriter {
  row(values: readonly (Json | null)[]): void;
  end(): void;
}

const textOf = (value: Json | null): string => (value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value));

function jsonWriter(names: readonly string[], write: (text: string) => void): RowWriter {
  return { row: (values) => write(`${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, values[i]])))}\n`), end: () => undefined };
}

/** As RFC 4180 has it, with a line of names. */
function csvWriter(names: readonly string[], write: (text: string) => void): RowWriter {
  const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  write(`${names.map(field).join(',')}\n`);
  return { row: (values) => write(`${values.map((value) => field(textOf(value))).join(',')}\n`), end: () => undefined };
}

function tableWriter(names: readonly string[], write: (text: string) => void): RowWriter {
  let kept: (readonly (Json | null)[])[] = [];
  let widths: number[] | undefined;
  const line = (values: readonly (Json | null)[]): void => {
    const cells = values.map((value, i) => (typeof value === 'number' ? textOf(value).padStart(widths?.[i] ?? 0) : textOf(value).padEnd(widths?.[i] ?? 0)));
    write(`${cells.join('  ').trimEnd()}\n`);
  };
  const begin = (): void => {
    if (widths !== undefined) return;
    widths = names.map((name, i) =>
      Math.min(
        WIDEST,
        kept.reduce((width, row) => Math.max(width, textOf(row[i]).length), name.length),
      ),
    );
    line(names);
    kept.forEach(line);
    kept = [];
  };
  return {
    row: (values) => {
      if (widths !== undefined) return line(values);
      kept.push(values);
      if (kept.length === MEASURED_ROWS) begin();
    },
    end: begin,
  };
}
