import {
  BIGINT,
  BLOB,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBResult,
  DuckDBTableFunction,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  UBIGINT,
  VARCHAR,
} from '@duckdb/node-api';
import { UserError } from '@everystep/core';
import { grouped } from '../../trace/progress.ts';
import type { RecordedRows, RowReader, RowValue } from './recordedRows.ts';
import { type StepRange, stepRanges } from './stepRanges.ts';
import { type ColumnType, type RecordedTable, TABLES } from './tables.ts';

const TYPES: Readonly<Record<ColumnType, DuckDBType>> = { BIGINT, INTEGER, UBIGINT, VARCHAR, BLOB };
/** Rows of DuckDB's vectors. */
const VECTOR_ROWS = 2048;
/** Steps that are replayed at a time: few at first, as a query may want few rows. */
const FIRST_STRETCH = 4096;
const LAST_STRETCH = 0x2_0000;
/** From so many instructions on, whoever asks must want it. */
const MANY_STEPS = 50_000_000;

/** A table function's scan. */
interface Scan {
  readonly reader: RowReader;
  /** Of the table, those that are wanted, in the order in which they are. */
  readonly columns: readonly number[];
  readonly to: number;
  at: number;
  stretch: number;
  rows: (readonly RowValue[])[];
  taken: number;
  isFinished: boolean;
}

/** A DuckDB database whose tables are replays of a recording. */
export class RecordedDatabase {
  /** What a callback threw, which DuckDB makes a text of. */
  private failure: unknown;

  private constructor(
    private readonly rows: RecordedRows,
    private readonly connection: DuckDBConnection,
    private readonly allowsMany: boolean,
  ) {}

  /** @param allowsMany no question is too large */
  static async open(rows: RecordedRows, allowsMany: boolean): Promise<RecordedDatabase> {
    // Nothing is fetched from anywhere.
    const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
    const database = new RecordedDatabase(rows, await instance.connect(), allowsMany);
    for (const table of TABLES) database.connection.registerTableFunction(database.tableFunction(table));
    return database;
  }

  /** Asks. Once; `again` says more of the same tables. @throws UserError with DuckDB's message if it is no valid question, or too large a one */
  async ask(sql: string): Promise<DuckDBResult> {
    await this.makeViews(sql);
    return this.again(sql);
  }

  /** Asks something else that sees the same steps. @throws UserError */
  again(sql: string): Promise<DuckDBResult> {
    return this.guarded(() => this.connection.stream(sql));
  }

  /** Reads rows: they may fail as late as they are asked for. @throws UserError */
  async guarded<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (this.failure !== undefined) throw this.failure;
      throw new UserError(error instanceof Error ? error.message.trimEnd() : String(error));
    }
  }

  /** Tables are views: of the steps that the question can see. */
  private async makeViews(sql: string): Promise<void> {
    const whole = { from: 0, to: this.rows.lastStep };
    const tree = await this.connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
    const ranges = stepRanges(JSON.parse(String(tree.getRows()[0][0])), new Set(TABLES.map(({ name }) => name)), whole);
    for (const { name } of TABLES) {
      // Those that are not asked for are there all the same, for DuckDB's own words on what there is.
      const { from, to } = ranges.get(name) ?? { from: 0, to: 0 };
      this.checkSize(name, { from, to });
      await this.connection.run(`CREATE VIEW ${name} AS SELECT * FROM ${name}(${from}, ${Math.max(from, to)})`);
    }
  }

  private checkSize(name: string, { from, to }: StepRange): void {
    if (this.allowsMany || to - from < MANY_STEPS) return;
    throw new UserError(
      `this would go through ${grouped(to - from)} instructions for ${name}, one at a time, and can make billions of rows: say WHERE step BETWEEN ... AND ..., ` +
        'or give --yes to have it all the same',
    );
  }

  private tableFunction({ name, columns, open }: RecordedTable): DuckDBTableFunction {
    const { rows } = this;
    return DuckDBTableFunction.create({
      name,
      parameterTypes: [BIGINT, BIGINT],
      supportsProjectionPushdown: true,
      bindFunction: (info) => {
        const [from, to] = [0, 1].map((i) => Math.min(Math.max(Number(info.getParameter(i)), 0), rows.lastStep));
        this.attempt(info, () => this.checkSize(name, { from, to }));
        for (const [column, type] of columns) info.addResultColumn(column, TYPES[type]);
        info.setBindData({ from, to });
      },
      initFunction: (info) => {
        const { from, to } = info.bindData as StepRange;
        const indexes = info.getColumnIndexes();
        const wanted = new Set(indexes.map((i) => columns[i]?.[0] ?? ''));
        info.setMaxThreads(1);
        const scan: Scan = { reader: open(rows, wanted), columns: indexes, at: from, to, stretch: FIRST_STRETCH, rows: [], taken: 0, isFinished: false };
        info.setInitData(scan);
      },
      mainFunction: (info, chunk) => {
        const scan = info.initData as Scan;
        this.attempt(info, () => fill(scan));
        const part = scan.rows.slice(scan.taken, scan.taken + VECTOR_ROWS);
        scan.taken += part.length;
        chunk.rowCount = part.length;
        if (part.length === 0) return;
        scan.columns.forEach((column, i) => {
          // Rows are counted, and no column is wanted.
          if (column >= columns.length) return;
          chunk.setColumnValues(
            i,
            part.map((row) => cellOf(row[column])),
          );
        });
      },
    });
  }

  private attempt(info: { setError(error: string): void }, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.failure ??= error;
      info.setError(String(error));
    }
  }
}

/** Has rows in a scan, if there are any more. */
function fill(scan: Scan): void {
  while (scan.taken >= scan.rows.length && !scan.isFinished) {
    scan.rows = [];
    scan.taken = 0;
    const take = (row: readonly RowValue[]): void => void scan.rows.push(row);
    if (scan.at >= scan.to) {
      scan.reader.finish?.(take);
      scan.isFinished = true;
      return;
    }
    const until = Math.min(scan.to, scan.at + scan.stretch);
    scan.reader.read(scan.at, until, take);
    scan.at = until;
    scan.stretch = Math.min(scan.stretch * 2, LAST_STRETCH);
  }
}

const cellOf = (value: RowValue): DuckDBValue => (value instanceof Uint8Array ? new DuckDBBlobValue(value) : value);
