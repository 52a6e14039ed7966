import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { isBrief, type TableFilter, tableFilters } from './tableFilters.ts';

const WHOLE = { from: 0, to: 1000 };

async function treeOf(sql: string): Promise<unknown> {
  const connection = await (await DuckDBInstance.create()).connect();
  const rows = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
  return JSON.parse(String(rows.getRows()[0][0]));
}

async function rangesOf(sql: string, column: 'step' | 'pc' | 'pid' | 'tid' = 'step'): Promise<Record<string, readonly [number, number]>> {
  const found = tableFilters(await treeOf(sql), new Set(['insn', 'reg', 'mem']), WHOLE);
  return Object.fromEntries([...found].map(([name, { [column]: range }]) => [name, [range.from, range.to]]));
}

describe('steps that a query can see', () => {
  it.each([
    ['SELECT * FROM insn', { insn: [0, 1000] }],
    ['SELECT * FROM insn WHERE step = 5', { insn: [5, 6] }],
    ['SELECT * FROM insn WHERE step BETWEEN 3 AND 2 * 4', { insn: [3, 9] }],
    ['SELECT * FROM insn WHERE 5 < step AND step <= 10 AND pc = 7', { insn: [6, 11] }],
    ['SELECT * FROM insn WHERE step < 5 OR pc = 7', { insn: [0, 1000] }],
    ['SELECT * FROM insn i JOIN reg r ON i.step = r.step WHERE i.step >= 900', { insn: [900, 1000], reg: [0, 1000] }],
    ['SELECT * FROM insn JOIN reg USING (step) WHERE step < 9', { insn: [0, 9], reg: [0, 9] }],
    ['WITH q AS (SELECT * FROM mem WHERE step < 7) SELECT * FROM q WHERE step < 3', { mem: [0, 7] }],
    ['SELECT * FROM insn WHERE step = 1 UNION ALL SELECT * FROM insn WHERE step = 8', { insn: [1, 9] }],
    ['SELECT * FROM insn WHERE step = (SELECT max(step) FROM mem)', { insn: [0, 1000], mem: [0, 1000] }],
  ])('%s', async (sql, expected) => {
    expect(await rangesOf(sql)).toEqual(expected);
  });

  it('are all where a bound is no whole number', async () => {
    expect(await rangesOf('SELECT * FROM insn WHERE step > 5.5')).toEqual({ insn: [0, 1000] });
  });
});

describe('rows that a query can see', () => {
  it('are those of the addresses, processes and threads that it names', async () => {
    const sql = "SELECT * FROM insn WHERE pc IN (16, 32) AND tid = 5 AND symbol = 'main' AND pid BETWEEN 1 AND 3";
    expect(tableFilters(await treeOf(sql), new Set(['insn']), WHOLE).get('insn')).toEqual({
      ...{ step: WHOLE, pc: { from: 16, to: 33 }, tid: { from: 5, to: 6 }, pid: { from: 1, to: 4 }, symbol: 'main' },
    } satisfies TableFilter);
    expect(await rangesOf('SELECT * FROM insn a, insn b WHERE a.pc = 4 AND b.pc = 8', 'pc')).toEqual({ insn: [4, 9] });
  });

  it.each([
    ['SELECT *, pc FROM insn LIMIT 10', true],
    ['SELECT * FROM insn ORDER BY pc LIMIT 10', false],
    ['SELECT * FROM insn WHERE pc = 4 LIMIT 10', false],
    ['SELECT count(*) FROM insn LIMIT 10', false],
    ['SELECT pc FROM insn GROUP BY pc LIMIT 10', false],
    ['SELECT DISTINCT pc FROM insn LIMIT 10', false],
  ])('are few: %s: %s', async (sql, expected) => {
    expect(isBrief(await treeOf(sql))).toBe(expected);
  });
});
