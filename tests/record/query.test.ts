import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeRows } from '../../packages/cli/src/record/query/queryOutput.ts';
import { RecordedDatabase } from '../../packages/cli/src/record/query/recordedDatabase.ts';
import { RecordedRows } from '../../packages/cli/src/record/query/recordedRows.ts';
import { openRecording } from '../../packages/cli/src/record/recordingFolder.ts';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'everystep-query-'));
const path = join(folder, 'recording');
afterAll(() => rmSync(folder, { recursive: true }));

/** Opened once: going back in it is part of what is tested. */
let recorded: Promise<RecordedRows> | undefined;

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  recorded ??= RecordedRows.open(openRecording(path), path, () => {});
  const rows = await recorded;
  const database = await RecordedDatabase.open(rows, false);
  const lines: string[] = [];
  await writeRows(await database.ask(sql), 'json', (text) => void lines.push(text));
  return lines.map((line) => JSON.parse(line));
}

describe('a query of a recording with several processes', () => {
  const command = new BuiltCommand();
  let pid = 0;
  let pc = 0;

  beforeAll(async () => {
    const programs = new Map(buildPrograms(join(import.meta.dirname, 'programs'), join(root, '.build/recordPrograms')).map((each) => [each.name, each.path]));
    command.run(['record', '-o', path, programs.get('lives') ?? '', programs.get('origins') ?? '']);
    const [first] = await ask("SELECT pid, pc FROM insn WHERE symbol = 'in_child'");
    [pid, pc] = [Number(first.pid), Number(first.pc)];
  });

  it.each(['insn', 'reg', 'mem'])('makes only rows that WHERE leaves, and all of these: %s', async (table) => {
    const sums = `count(*) AS n, min(step) AS first, max(step) AS last, sum(${table === 'insn' ? 'pc' : 'size'}) AS sum`;
    const conditions = [
      `pc = ${pc}`,
      "symbol = 'in_child'",
      `pid = ${pid}`,
      `tid IN (${pid})`,
      `pc > ${pc} AND pid = ${pid}`,
      "symbol = 'first_life' AND step > 100",
      // The program has one, and the one that it becomes.
      "symbol = 'main'",
    ];
    // DuckDB's IS TRUE is nothing that a replay is told of.
    const all = await ask(conditions.map((each) => `SELECT ${sums} FROM ${table} WHERE (${each}) IS TRUE`).join(' UNION ALL '));
    for (const [i, condition] of conditions.entries())
      expect({ condition, answer: await ask(`SELECT ${sums} FROM ${table} WHERE ${condition}`) }).toEqual({ condition, answer: [all[i]] });
    if (table === 'insn') expect(all.every(({ n }) => Number(n) > 0)).toBe(true);
  });

  it('can be kept as Parquet, in a folder for each process, thread and range of steps', async () => {
    const parquet = join(folder, 'parquet');
    command.run(['query', `--parquet=${parquet}`, path, 'SELECT * FROM mem']);
    const sums = 'SELECT pid, tid, count(*) AS n, sum(address) AS sum';
    const kept = await ask(`${sums} FROM '${parquet}/pid=*/tid=*/steps=0/*.parquet' GROUP BY ALL ORDER BY pid`);
    expect(kept).toHaveLength(2);
    expect(kept).toEqual(await ask(`${sums} FROM mem GROUP BY ALL ORDER BY pid`));
  });

  it('has system calls and output with their places in the run', async () => {
    const [{ n, last }] = await ask("SELECT count(*) AS n, max(step) AS last FROM syscall WHERE name = 'execve'");
    expect(n).toBe(1);
    expect(await ask(`SELECT stream, start FROM output WHERE step > ${Number(last)}`)).toMatchObject([{ stream: 1, start: 0 }]);
  });
});
