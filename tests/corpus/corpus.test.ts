import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findFile, readList } from './programs.ts';
import { compare, type Outcome, runProgram } from './run.ts';
import { missing } from './unimplemented.ts';

const places = { sysroot: '/s', corpus: '/c', output: '/o' };

test('a list has a command a line', () => {
  const text = '# comment\n\nls|bin/ls||-R $S/usr\nzsh|bin/zsh|in.txt|@PWD=$C/in @FILTER=^\\s -f  t.sh\njq|bin/jq||a|b -o $O pre-$A.i\nhello|bin/hello||\n';
  expect(readList(text, places)).toEqual([
    { name: 'ls', file: 'bin/ls', input: '', args: ['-R', '/s/usr'], environment: {}, filter: undefined },
    { name: 'zsh', file: 'bin/zsh', input: 'in.txt', args: ['-f', 't.sh'], environment: { PWD: '/c/in' }, filter: /^\s/ },
    { name: 'jq', file: 'bin/jq', input: '', args: ['a|b', '-o', '/o', 'pre-arm64.i'], environment: {}, filter: undefined },
    { name: 'hello', file: 'bin/hello', input: '', args: [], environment: {}, filter: undefined },
  ]);
});

test('a pattern finds the first file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corpus-'));
  for (const name of ['gcc/a-linux/9', 'gcc/b-linux/12', 'gcc/c.linux']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'gcc/b-linux/12/cc1'), '');
  expect(findFile(folder, 'gcc/*-linux/1?/cc1')).toBe(join(folder, 'gcc/b-linux/12/cc1'));
  expect(findFile(folder, 'gcc/?.linux')).toBe(join(folder, 'gcc/c.linux'));
  expect(findFile(folder, 'gcc/*/cc2')).toBeUndefined();
  rmSync(folder, { recursive: true });
});

test('runs are compared by output and status', () => {
  const outcome = (status: number | undefined, output: string): Outcome => ({
    status,
    output: Buffer.from(output),
    stdout: Buffer.from(output),
    errors: '',
    elapsed: 1,
  });
  const right = outcome(0, 'a');
  const state = (status: number | undefined, output: string): string => compare(outcome(status, output), right);
  expect([state(0, 'a'), state(0, 'b'), state(1, 'a'), state(1, 'b'), state(139, ''), state(undefined, 'a')]).toEqual([
    'ok',
    'different',
    'status 1',
    'different',
    'signal 11',
    'timeout',
  ]);
});

test('a run has its input, its environment, its filter and what it wrote', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corpus-'));
  writeFileSync(join(folder, 'in.txt'), 'first\n second\n');
  const program = { name: 'x', file: '', input: 'in.txt', args: ['-c', 'cat; echo " $A"; echo file >out; exit 3'], environment: { A: 'b' }, filter: /^ / };
  const setting = { inputs: folder, home: folder, output: join(folder, 'out'), limit: 10_000 };
  const { status, output } = runProgram([], '/bin/sh', program, setting);
  expect([status, output.toString()]).toEqual([3, ' second\n b\nfile\n']);
  expect(runProgram([], '/bin/sh', { ...program, args: ['-c', 'sleep 9'] }, { ...setting, limit: 100 }).status).toBeUndefined();
  expect(runProgram([], '/bin/sh', { ...program, args: ['-c', 'kill -9 $$'] }, setting).status).toBe(137);
  rmSync(folder, { recursive: true });
});

test('what is missing is named once', () => {
  const log = 'Unsupported syscall: 293\nUnsupported ioctl: cmd=0x5401\nUnsupported syscall: 293\nUnsupported undefined instruction 0x00000000 at 0x40010c\n';
  expect(missing(log, new Map([[293, 'rseq']]))).toEqual(['rseq', 'ioctl: cmd=0x5401', 'undefined instruction 0x00000000']);
});
