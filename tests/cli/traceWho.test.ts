import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { executed, lines, SUM, useTraceCommand } from './traceCommand.ts';

const { run, trace, program, file } = useTraceCommand();
/** Functions of executed instructions, sorted. */
const functionsIn = (text: string): string[] =>
  [...new Set(executed(text).map((line) => (line.trim().split(/\s+/)[3] as string).replace(/\+0x.*/, '')))].sort();

let manyThreads = '';
let familyTree = '';
let child = '';
beforeAll(() => {
  const paths = new Map(buildPrograms(join(import.meta.dirname, 'programs'), '.build/trace-programs').map(({ name, path }) => [name, path]));
  manyThreads = paths.get('manyThreads') as string;
  familyTree = paths.get('familyTree') as string;
  child = file('youngster');
  copyFileSync(familyTree, child);
});

describe('who is traced', () => {
  it('processes by the name of their program, also one that becomes another', () => {
    const own = ['--in=parentWork,childWork'];
    expect(functionsIn(trace(...own, familyTree, child).stdout)).toEqual(['childWork', 'parentWork']);
    expect(functionsIn(trace(...own, '--process=young*', familyTree, child).stdout)).toEqual(['childWork']);
    const parent = trace(...own, '--process=familyTree', familyTree, child);
    expect(functionsIn(parent.stdout)).toEqual(['parentWork']);
    expect(parent.status).toBe(3);
  });

  it('threads by the order in which they come', () => {
    expect(functionsIn(trace('--in=add,handle', '--thread=1', manyThreads).stdout)).toEqual(['handle']);
    expect(functionsIn(trace('--in=add,handle', '--thread=2', manyThreads).stdout)).toEqual(['add']);
  });

  it.each(['values', 'loads'])('leaves a trace that holds together, of level %s', (level) => {
    const chunks = file('chunks');
    for (const options of [['--thread=2'], ['--process=young*']]) {
      const [path, ...args] = options[0] === '--thread=2' ? [manyThreads] : [familyTree, child];
      const { stderr } = trace(`--level=${level}`, '--format=chunks', '-o', chunks, ...options, path as string, ...args);
      const [, insns] = /traced ([\d,]+) of/.exec(stderr) ?? [];
      expect(run('check-trace', chunks).stdout).toMatch(new RegExp(`: ${insns} instructions, hash of the values \\w+, no problems\n`));
      expect(trace(`--level=${level}`, '--format=none', ...options, path as string, ...args).stderr).toMatch(/traced [1-9][\d,]+ of/);
    }
  });

  it('starts and stops at signals', () => {
    const { stdout } = trace('--start=signal=USR1', '--first=40', manyThreads);
    expect(functionsIn(stdout)).toContain('handle');
    expect(executed(stdout).length).toBe(40);
    const before = trace('--stop=signal', '--level=blocks', manyThreads).stdout;
    expect(functionsIn(before)).not.toContain('handle');
    expect(lines(before).at(-1)).toMatch(/tracing stops before/);
  });
});

describe('what was loaded, of some instructions', () => {
  it.each([['--in=main'], ['--class=branch,store'], ['--insn=ldr*,f*']])('gives all their values: %s', (...options) => {
    const checked = ['loads', 'values'].map((level) => {
      trace('-seed', '1', `--level=${level}`, '--format=chunks', '-o', file('level'), ...options, program('sha256'));
      return run('check-trace', file('level')).stdout;
    });
    expect(checked[0]).toMatch(/: [1-9][\d,]+ instructions, .* no problems\n$/);
    expect(checked[0]).toBe(checked[1]);
  });

  it('gives them live, and of a part', () => {
    const whole = executed(trace('--in=main', '-seed', '1', '--first=50', SUM).stdout);
    expect(executed(trace('--in=main', '--level=loads', '-seed', '1', '--first=50', SUM).stdout)).toEqual(whole);
    trace('--in=main', '--level=loads', '-seed', '1', '--format=chunks', '-o', file('part'), '--to=100000', SUM);
    const from = Number(whole[40]?.trim().split(' ')[0]);
    expect(executed(run('export', `--from=${from}`, '--first=10', file('part')).stdout)).toEqual(whole.slice(40));
    expect(readFileSync(file('part')).length).toBeLessThan(100_000);
  });
});
