import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { BuiltCommand } from './command.ts';

/** A row of the table, numbers as text. */
interface Row {
  readonly step: string;
  readonly tid: number;
  readonly pc: string;
  readonly kind: string;
  readonly name: string;
  readonly symbol: string;
  readonly address: string;
  readonly size: number;
  readonly value: string;
  readonly high: string;
}

let everystep: BuiltCommand;
let folder = '';
/** Rows as they should be, from the trace as JSON. */
let expected: Row[] = [];
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  everystep = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'everystep-tables-'));
  const programs = buildPrograms();
  const program = programs.find(({ name }) => name === 'neonStrings')?.path ?? '';
  // Without a process number in its values.
  const other = programs.find(({ name }) => name === 'irreducible')?.path ?? '';
  everystep.run(['trace', '--format=chunks', '-seed', '1', '--first=6000', '-o', file('chunks'), program]);
  for (const format of ['parquet', 'arrow', 'jsonl']) everystep.run(['export', `--format=${format}`, '-o', file(format), file('chunks')]);
  everystep.run(['trace', '--format=chunks', '-seed', '1', '-o', file('other'), other]);
  everystep.run(['export', '--format=parquet', '-o', file('otherParquet'), file('other')]);
  everystep.run(['trace', '--format=parquet', '-seed', '1', '-o', file('live'), other]);
  expected = rowsOf(readFileSync(file('jsonl'), 'utf8'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Rows of instructions, registers and memory accesses. */
function rowsOf(json: string): Row[] {
  const low = (hex: string): string => String(BigInt.asUintN(64, BigInt(hex)));
  const high = (hex: string): string => String(BigInt(hex) >> 64n);
  const sizes: Readonly<Record<string, number>> = { v: 16, x: 8, s: 8, t: 8, n: 4, f: 4 };
  return json
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ insn }) => insn !== undefined)
    .flatMap(({ step, pc, symbol = '', word, insn, out = {}, mem = [] }): Row[] => {
      const row = (kind: string, name: string, address: string, size: number, value: string): Row => ({
        step: String(step),
        tid: 0,
        pc: low(pc),
        kind,
        name,
        symbol,
        address: low(address),
        size,
        value: low(value),
        high: high(value),
      });
      return [
        row('insn', insn, pc, 4, word),
        ...Object.entries(out as Record<string, string>).map(([name, value]) => row('register', name, '0', sizes[name[0]], value)),
        ...(mem as { op: string; address: string; size: number; data: string; done?: boolean }[])
          .filter(({ done }) => done !== false)
          .map(({ op, address, size, data }) => row(op, '', address, size, data)),
      ];
    });
}

const OF_INSTRUCTIONS = ['insn', 'register', 'load', 'store'];

describe('parquet', () => {
  const query = async (sql: string): Promise<Row[]> => {
    const connection = await (await DuckDBInstance.create()).connect();
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson() as unknown as Row[];
    connection.closeSync();
    return rows;
  };

  it('is read by DuckDB, every value', async () => {
    const rows = await query(`select * from read_parquet('${file('parquet')}') where kind in ('insn', 'register', 'load', 'store')`);
    // What a system call returns has rows as registers, too.
    const ofSyscalls = rows.length - expected.length;
    expect(ofSyscalls).toBeGreaterThanOrEqual(0);
    expect(ofSyscalls).toBeLessThan(20);
    expect(rows.slice(0, 500)).toEqual(expected.slice(0, 500));
    const all = new Set(rows.map((row) => JSON.stringify(row)));
    expect(expected.filter((row) => !all.has(JSON.stringify(row)))).toEqual([]);
  });

  it('is the same live', () => {
    expect(readFileSync(file('live')).equals(readFileSync(file('otherParquet')))).toBe(true);
  });

  it('answers who wrote an address last', async () => {
    const store = expected.filter(({ kind }) => kind === 'store').at(-1) as Row;
    const [{ step }] = await query(`select max(step) as step from read_parquet('${file('parquet')}') where kind = 'store' and address = ${store.address}`);
    expect(step).toBe(store.step);
  });
});

describe('arrow', () => {
  it('has the same rows, in several batches', () => {
    const table = tableFromIPC(readFileSync(file('arrow')));
    const columns = Object.fromEntries(table.schema.fields.map(({ name }) => [name, table.getChild(name)]));
    const row = (i: number): Row =>
      Object.fromEntries(
        Object.entries(columns).map(([name, column]) => [name, typeof column?.get(i) === 'bigint' ? String(column.get(i)) : column?.get(i)]),
      ) as unknown as Row;
    const rows = Array.from({ length: table.numRows }, (_, i) => row(i)).filter(({ kind }) => OF_INSTRUCTIONS.includes(kind));
    expect(rows.slice(0, 500)).toEqual(expected.slice(0, 500));
    expect(rows.at(-1)).toEqual(expected.at(-1));
  });
});
