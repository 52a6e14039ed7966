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
import { type StepRange, UserError } from '@everystep/core';
import { grouped } from '../../trace/progress.ts';
import type { RecordedRows, RowFilter, RowValue } from './recordedRows.ts';
import { isBrief, type TableFilter, tableFilters, wholeTable } from './tableFilters.ts';
import { estimateRows, TableScan } from './tableScan.ts';
import { type ColumnType, type RecordedTable, TABLES } from './tables.ts';

const TYPES: Readonly<Record<ColumnType, DuckDBType>> = { BIGINT, INTEGER, UBIGINT, VARCHAR, BLOB };
/** Rows of DuckDB's vectors. */
const VECTOR_ROWS = 2048;
/** Tables that have more rows are looked at only if whoever asks wants that. */
const MANY_ROWS = 50_000_000;
const NO_ROWS: RowFilter = { steps: { from: 0, to: 0 }, pcs: undefined, pid: undefined, tid: undefined };

/** The function that a table's view is made of. */
const viewFunction = (table: string): string => `recorded_${table}`;

/** A DuckDB database whose tables are replays of a recording. */
export class RecordedDatabase {
  /** What the question can see of each table. */
  private readonly filters = new Map<string, RowFilter>();
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
    for (const table of TABLES) for (const each of database.tableFunctions(table)) database.connection.registerTableFunction(each);
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

  /** Tables are views: of the rows that the question can see. */
  private async makeViews(sql: string): Promise<void> {
    const { rows } = this;
    const whole = { from: 0, to: rows.lastStep };
    const serialized = await this.connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
    const tree: unknown = JSON.parse(String(serialized.getRows()[0][0]));
    const filters = tableFilters(tree, new Set(TABLES.map(({ name }) => name)), whole);
    for (const table of TABLES) {
      const { name } = table;
      // Those that are not asked for are there all the same, for DuckDB's own words on what there is.
      const filter = this.rowFilter(filters.get(name) ?? wholeTable({ from: 0, to: 0 }));
      await rows.prepare(filter.steps.to);
      if (!isBrief(tree)) this.checkSize(table, filter);
      this.filters.set(name, filter);
      await this.connection.run(`CREATE VIEW ${name} AS SELECT * FROM ${viewFunction(name)}()`);
    }
  }

  private rowFilter({ step, pc, pid, tid, symbol }: TableFilter): RowFilter {
    const only = ({ from, to }: StepRange): number | undefined => (to - from === 1 ? from : undefined);
    const named = symbol === undefined ? [] : this.rows.codeOf(symbol, step.to);
    const isAny = pc.from === 0 && pc.to === Number.MAX_SAFE_INTEGER;
    return {
      steps: { from: step.from, to: Math.max(step.from, step.to) },
      // A name that nothing has may be one that only a trace gives.
      pcs: named.length > 0 ? named : isAny ? undefined : [pc],
      pid: only(pid),
      tid: only(tid),
    };
  }

  /** Says how much it would be if that is very much. @throws UserError */
  private checkSize(table: RecordedTable, filter: RowFilter): void {
    if (this.allowsMany || table.isSparse === true || filter.steps.to - filter.steps.from < MANY_ROWS) return;
    const rows = estimateRows(this.rows, table, filter);
    if (rows < MANY_ROWS) return;
    throw new UserError(
      `this would look at about ${grouped(Math.round(rows / 1e6))} million rows of ${table.name}: ` +
        'say WHERE step BETWEEN ... AND ..., or which symbol, pc, pid or tid is meant; or give --yes to have it all the same',
    );
  }

  /** `insn(from, to)`, and what the view of that name is of. */
  private tableFunctions(table: RecordedTable): readonly DuckDBTableFunction[] {
    const { rows } = this;
    const given = this.tableFunction(table, table.name, [BIGINT, BIGINT], (info) => {
      const [from, to] = [0, 1].map((i) => Math.min(Math.max(Number(info.getParameter(i)), 0), rows.lastStep));
      const filter = this.rowFilter(wholeTable({ from, to }));
      rows.prepareNow(to);
      this.checkSize(table, filter);
      return filter;
    });
    return [given, this.tableFunction(table, viewFunction(table.name), [], () => this.filters.get(table.name) ?? NO_ROWS)];
  }

  private tableFunction(
    { columns, open }: RecordedTable,
    name: string,
    parameterTypes: readonly DuckDBType[],
    filterOf: (info: { getParameter(index: number): DuckDBValue }) => RowFilter,
  ): DuckDBTableFunction {
    const { rows } = this;
    return DuckDBTableFunction.create({
      name,
      parameterTypes,
      supportsProjectionPushdown: true,
      bindFunction: (info) => {
        for (const [column, type] of columns) info.addResultColumn(column, TYPES[type]);
        this.attempt(info, () => info.setBindData(filterOf(info)));
      },
      initFunction: (info) => {
        const filter = info.bindData as RowFilter;
        const indexes = info.getColumnIndexes();
        const wanted = new Set(indexes.map((i) => columns[i]?.[0] ?? ''));
        info.setMaxThreads(1);
        info.setInitData({ scan: new TableScan(rows, open(rows, filter, wanted), filter), columns: indexes });
      },
      mainFunction: (info, chunk) => {
        const { scan, columns: wanted } = info.initData as { readonly scan: TableScan; readonly columns: readonly number[] };
        let part: readonly (readonly RowValue[])[] = [];
        this.attempt(info, () => {
          part = scan.next(VECTOR_ROWS);
        });
        chunk.rowCount = part.length;
        if (part.length === 0) return;
        wanted.forEach((column, i) => {
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

const cellOf = (value: RowValue): DuckDBValue => (value instanceof Uint8Array ? new DuckDBBlobValue(value) : value);
