import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { stepRanges } from './stepRanges.ts';

const WHOLE = { from: 0, to: 1000 };

async function rangesOf(sql: string): Promise<Record<string, readonly [number, number]>> {
  const connection = await (await DuckDBInstance.create()).connect();
  const rows = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
  const found = stepRanges(JSON.parse(String(rows.getRows()[0][0])), new Set(['insn', 'reg', 'mem']), WHOLE);
  return Object.fromEntries([...found].map(([name, { from, to }]) => [name, [from, to]]));
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
});
