import type { RecordedRows, RowFilter, RowReader } from './recordedRows.ts';

export type ColumnType = 'BIGINT' | 'INTEGER' | 'UBIGINT' | 'VARCHAR' | 'BLOB';

/** A table of a recording. */
export interface RecordedTable {
  readonly name: string;
  /** What `-h` says of its rows. */
  readonly help: string;
  readonly columns: readonly (readonly [name: string, type: ColumnType])[];
  /** Rows come one by one, and not by the instruction. */
  readonly isSparse?: boolean;
  /** @param wanted names of the columns that the query uses */
  open(rows: RecordedRows, filter: RowFilter, wanted: ReadonlySet<string>): RowReader;
}

type Columns = RecordedTable['columns'];

/** Of the instruction: how many came before it, and who executed it. */
const WHO: Columns = [
  ['step', 'BIGINT'],
  ['pid', 'INTEGER'],
  ['tid', 'INTEGER'],
];
const VALUE: Columns = [
  ['size', 'INTEGER'],
  ['value', 'UBIGINT'],
  ['high', 'UBIGINT'],
];
const ARGUMENTS: Columns = Array.from({ length: 6 }, (_, i) => [`a${i}`, 'UBIGINT'] as const);
const PC = ['pc', 'UBIGINT'] as const;
const SYMBOL = ['symbol', 'VARCHAR'] as const;

/** The tables of a recording, see docs/recordings-export.md. */
export const TABLES: readonly RecordedTable[] = [
  {
    name: 'insn',
    help: 'instructions',
    columns: [...WHO, PC, ['word', 'UBIGINT'], ['text', 'VARCHAR'], SYMBOL],
    open: (rows, filter, wanted) => rows.insns(filter, wanted.has('text')),
  },
  {
    name: 'reg',
    help: 'registers that were written, with the value after the instruction',
    columns: [...WHO, PC, SYMBOL, ['name', 'VARCHAR'], ...VALUE],
    open: (rows, filter) => rows.registers(filter),
  },
  {
    name: 'mem',
    help: 'memory accesses: load, store, or kernel',
    columns: [...WHO, PC, SYMBOL, ['kind', 'VARCHAR'], ['address', 'UBIGINT'], ...VALUE],
    open: (rows, filter) => rows.accesses(filter),
  },
  { name: 'call', help: 'calls, at the first instruction of the function', columns: [...WHO, PC, SYMBOL, ['site', 'UBIGINT']], open: (rows) => rows.calls() },
  {
    name: 'syscall',
    help: 'system calls',
    columns: [...WHO, ['number', 'INTEGER'], ['name', 'VARCHAR'], ...ARGUMENTS, ['result', 'BIGINT']],
    isSparse: true,
    open: (rows) => rows.syscalls(),
  },
  { name: 'block', help: 'basic blocks', columns: [...WHO, PC, ['insns', 'INTEGER'], SYMBOL], open: (rows) => rows.blocks() },
  {
    name: 'output',
    help: 'bytes written to standard output (1) and error (2)',
    columns: [...WHO, ['stream', 'INTEGER'], ['start', 'BIGINT'], ['bytes', 'BLOB']],
    isSparse: true,
    open: (rows) => rows.outputs(),
  },
  {
    name: 'line',
    help: 'source lines, as each begins',
    columns: [...WHO, PC, SYMBOL, ['file', 'VARCHAR'], ['line', 'INTEGER']],
    open: (rows) => rows.sourceLines(),
  },
];
