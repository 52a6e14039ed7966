import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltCommand, type Outcome } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

let everystep: BuiltCommand;
let folder = '';
let programs = new Map<string, string>();
const file = (name: string): string => join(folder, name);
const program = (name: string): string => programs.get(name) ?? name;
const run = (...args: readonly string[]): Outcome => everystep.run(args);
const text = (name: string): string => readFileSync(file(name), 'latin1');
const record = (name: string, path: string, env: Readonly<Record<string, string>> = {}): Outcome =>
  everystep.run(['record', '-seed', '1', '-o', file(name), path], env);

beforeAll(() => {
  everystep = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'everystep-recordings-'));
  programs = new Map(buildPrograms().map(({ name, path }) => [name, path]));
  record('recording', program('irreducible'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('an export of a recording', () => {
  it.each([
    ['text', 'irreducible'],
    ['text', 'faultWrite'],
    ['callgrind', 'recursion'],
  ])('is what a trace of the run is, byte for byte: %s of %s', (format, name) => {
    record('each', program(name));
    run('trace', '-seed', '1', `--format=${format}`, '-o', file('live'), program(name));
    expect(run('export', file('each'), `--format=${format}`, '-o', file('ours'))).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(text('ours') === text('live')).toBe(true);
  });

  it.each([
    ['--from=500', '--first=20'],
    ['--class=load', '--first=30'],
    ['--in=_start', '--level=blocks'],
  ])('has the part that is wanted: %s %s', (...options) => {
    run('trace', '-seed', '1', '-o', file('live'), ...options, program('irreducible'));
    run('export', '-o', file('ours'), ...options, file('recording'));
    expect(text('ours')).toBe(text('live'));
    expect(text('ours').length).toBeGreaterThan(0);
  });

  it('can be a trace in chunks, that holds', () => {
    run('export', file('recording'), '--format=chunks', '-o', file('chunks'));
    run('trace', '-seed', '1', '--format=chunks', '-o', file('live'), program('irreducible'));
    const check = (name: string): Outcome => {
      const { status, stdout, stderr } = run('check-trace', file(name));
      return { status, stdout: stdout.replaceAll(file(name), ''), stderr };
    };
    expect(check('chunks')).toEqual(check('live'));
    expect(check('chunks')).toMatchObject({ status: 0, stdout: expect.stringContaining('no problems') });
  });

  it('is estimated before it is made, by its first steps', () => {
    const { stdout, stderr } = run('export', file('recording'), '--estimate', '--format=jsonl', '--first=1000');
    expect({ stdout, stderr }).toEqual({
      stdout: expect.stringMatching(/^1,000 instructions as jsonl: about \d+(\.\d)? kB, (\d+ s|below a second)\n$/),
      stderr: '',
    });
    const steps = Number(
      run('export', file('recording'), '--level=count')
        .stderr.match(/counted ([\d,]+)/)?.[1]
        ?.replaceAll(',', ''),
    );
    expect(run('export', file('recording'), '--estimate', '--format=tenet').stdout).toContain(`${steps.toLocaleString('en')} instructions as tenet`);
  });

  it('counts', () => {
    expect(run('export', file('recording'), '--level=count', '--class=store').stderr).toBe(
      run('trace', '-seed', '1', '--level=count', '--class=store', program('irreducible')).stderr.split('\n').slice(-2).join('\n'),
    );
  });

  it('refuses of a trace what only a recording has', () => {
    run('export', file('recording'), '--format=chunks', '-o', file('chunks'));
    expect(run('export', file('chunks'), '--level=blocks')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'everystep: a trace has the instructions and the level that it was written with: only of recordings can others be had\n',
    });
  });
});

describe('a packed recording', () => {
  it('has the names of its code where the program is no more', () => {
    copyFileSync(program('recursion'), file('program'));
    record('toPack', file('program'));
    const before = run('export', file('toPack'), '--first=100').stdout;
    expect(run('pack', file('toPack'), '-o', file('packed')).stderr).toMatch(/packed .* and 1 file of programs into /);
    rmSync(file('program'));
    expect(run('export', file('packed'), '--first=100').stdout).toBe(before);
    expect(run('export', file('toPack'), '--first=100').stdout).not.toBe(before);
    expect(run('replay', '--quiet', file('packed')).status).toBe(0);
    expect(run('check-recording', file('packed'))).toMatchObject({ status: 0, stdout: expect.stringContaining('is whole\n') });
  });

  it("keeps its index beside it, and takes no other recording's", () => {
    const [packed, index] = [file('indexed'), file('indexed.index')];
    run('pack', '--index', file('recording'), '-o', packed);
    const made = statSync(index);
    const at = (path: string): string => run('at', '--json', path, '500').stdout;
    const answer = at(file('recording'));
    expect(at(packed)).toBe(answer);
    expect(statSync(index)).toMatchObject({ ino: made.ino, mtimeMs: made.mtimeMs });
    // Another one in its place.
    record('other', program('recursion'));
    run('pack', file('other'), '-o', packed);
    expect(at(packed)).toBe(at(file('other')));
    expect(at(packed)).not.toBe(answer);
    expect(statSync(index).ino).not.toBe(made.ino);
  });

  it('says where its index cannot be kept', () => {
    // A folder in the index's place cannot be replaced, by whomever.
    run('pack', file('recording'), '-o', file('alone'));
    mkdirSync(join(file('alone.index'), 'in the way'), { recursive: true });
    const { status, stderr } = run('at', file('alone'), '500');
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `everystep: cannot keep the index '${file('alone.index')}': illegal operation on a directory; the next question goes through the recording again\n`,
    });
  });

  it('is told to be damaged, or incomplete', () => {
    run('pack', file('recording'), '-o', file('packed'));
    const bytes = readFileSync(file('packed'));
    writeFileSync(file('cut'), bytes.subarray(0, bytes.length - 10));
    expect(run('check-recording', file('cut'))).toMatchObject({ status: 0, stdout: expect.stringContaining('incomplete: whoever made it was interrupted') });
    const middle = Math.floor(bytes.length * 0.9);
    bytes[middle] ^= 0xff;
    writeFileSync(file('damaged'), bytes);
    const damaged = run('check-recording', file('damaged'));
    expect(damaged).toMatchObject({ status: 1, stderr: '' });
    expect(damaged.stdout).toContain('the recording is damaged: the frame at byte ');
    expect(run('check-recording', program('irreducible')).status).toBe(2);
  });
});

describe('a comparison of recordings', () => {
  it('finds where paths part, and where they meet again', () => {
    record('short', program('printf'), { A: '1' });
    record('long', program('printf'), { A: '1', GLIBC_TUNABLES: 'glibc.malloc.perturb=1' });
    expect(run('diff', file('short'), file('short'))).toMatchObject({ status: 0, stderr: '' });
    const { status, stdout } = run('diff', '--json', file('short'), file('long'));
    expect(status).toBe(1);
    const { step, a, b, calls } = JSON.parse(stdout);
    const pcOf = (name: string, at: number): string =>
      run('export', file(name), '--format=jsonl', `--from=${at}`, '--first=1')
        .stdout.trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .find(({ event }) => event === undefined).pc;
    expect([pcOf('short', step), pcOf('long', step)]).toEqual([a.pc, b.pc]);
    expect(a.pc).not.toBe(b.pc);
    expect(pcOf('short', step - 1)).toBe(pcOf('long', step - 1));
    const { meet } = calls[0];
    expect([pcOf('short', meet.a.step), pcOf('long', meet.b.step)]).toEqual([meet.a.pc, meet.a.pc]);
  });

  it('records the second run, if that is wanted', () => {
    const same = everystep.run(['diff', file('recording'), '--', '-seed', '1', program('irreducible')]);
    expect({ status: same.status, stdout: same.stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^Both runs execute the same/) });
    expect(same.stderr).toContain('everystep: recorded all ');
    expect(run('diff', '--json', file('short'), '--', program('printf'), 'more').status).toBe(1);
    for (const [command, why] of [
      [['/nowhere'], '/nowhere: No such file or directory'],
      [[], 'no program given (everystep record -h shows how)'],
    ] as const) {
      expect(run('diff', file('recording'), '--', ...command)).toEqual({
        ...{ status: 2, stdout: '' },
        stderr: `everystep: ${why}\neverystep: the second run could not be recorded, so that there is nothing to compare\n`,
      });
    }
  });

  it('compares states', () => {
    expect(run('diff', '--at=0', file('recording'), file('recording'))).toEqual({
      status: 0,
      stdout: 'The states at step 0 of A and 0 of B are the same.\n',
      stderr: '',
    });
    const { registers } = JSON.parse(run('diff', '--at=100:101', '--json', file('recording'), file('recording')).stdout);
    expect(registers[0].name).toBe('pc');
    expect(run('diff', '--at=9999999', file('recording'), file('recording'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no step 9,999,999'),
    });
  });
});

describe('a query', () => {
  const query = (sql: string, ...options: readonly string[]): Outcome => run('query', ...options, file('recording'), sql);
  const rows = (sql: string): Record<string, unknown>[] =>
    query(sql, '--json')
      .stdout.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('sees each instruction and value', () => {
    const insns = run('export', file('recording'), '--format=jsonl')
      .stdout.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === undefined);
    expect(rows('SELECT count(*) AS n, sum(pc) AS pcs FROM insn')).toEqual([{ n: insns.length, pcs: insns.reduce((sum, { pc }) => sum + Number(pc), 0) }]);
    expect(rows('SELECT step, pc FROM insn WHERE step BETWEEN 1000 AND 1002')).toEqual(
      insns.slice(1000, 1003).map(({ pc }, i) => ({ step: 1000 + i, pc: Number(pc) })),
    );
    expect(rows('SELECT (SELECT sum(insns) FROM block) AS blocks, (SELECT count(*) FROM insn(0, 50)) AS part')).toEqual([{ blocks: insns.length, part: 50 }]);
    expect(rows("SELECT count(*) > 0 AS calls FROM syscall WHERE name LIKE 'exit%'")).toEqual([{ calls: true }]);
  });

  it('writes tables, CSV and Parquet', () => {
    const sql = 'SELECT step, text FROM insn WHERE step < 2';
    const fields = rows(sql).map(({ step, text: insn }) => `${step},${String(insn).includes(',') ? `"${insn}"` : insn}`);
    expect(query(sql, '--csv').stdout).toBe(['step,text', ...fields, ''].join('\n'));
    expect(query(sql).stdout.split('\n')[0]).toMatch(/^step {2}text/);
    expect(query('SELECT * FROM insn WHERE step < 50', `--parquet=${file('parquet')}`)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(rows(`SELECT count(*) AS n, max(step) AS last FROM '${file('parquet')}/*/*/*/*.parquet'`)).toEqual([{ n: 50, last: 49 }]);
  });

  it('passes on what DuckDB says of a bad question, and refuses a huge one', () => {
    expect(query('SELECT nothing FROM insn')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('Referenced column "nothing" not found'),
    });
    expect(query('SELCT')).toMatchObject({ status: 2, stderr: expect.stringContaining('syntax error') });
  });
});
