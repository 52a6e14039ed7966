import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { executed, lines, SUM, useTraceCommand } from './traceCommand.ts';

const { run, trace, program, file: fileIn } = useTraceCommand();
const ACT = join(import.meta.dirname, 'plugins/act.mjs');

describe('plugins beside a trace', () => {
  it('see what they see without one, and the trace is as without them', () => {
    const [log, direct, alone] = ['log', 'direct', 'alone'].map(fileIn);
    const options = ['-seed', '1', '--format=execlog', '-o', direct];
    expect(trace(...options, '-plugin', 'execlog', '-d', 'plugin', '-D', log, program('qsort'))).toMatchObject({ status: 0 });
    expect(readFileSync(log, 'utf8')).toBe(readFileSync(direct, 'utf8'));
    trace('-seed', '1', '--format=execlog', '-o', alone, program('qsort'));
    // Values on the stack depend on the command line, and are looked at by execlog and in the core's tests.
    const codeOf = (name: string): string[] => lines(readFileSync(name, 'utf8')).map((line) => line.split(', ').slice(0, 3).join());
    expect(codeOf(direct)).toEqual(codeOf(alone));
  });

  it('write registers and end the run, and the trace holds together', () => {
    const file = fileIn('acted');
    expect(trace('--format=chunks', '-o', file, '-plugin', ACT, SUM).status).toBe(42);
    expect(run('check-trace', file).stdout).toMatch(/: 4,?800 instructions, .* no problems\n$/);
    expect(run('export', file).stdout).toMatch(/2400 {2}-- at 0x4000c8, .*\n +2400 {2}0x0000004000c8 .* x0=0xc7 x1=0x0 -> x0=0xc7\n/);
  });

  it('say when to trace', () => {
    const traced = executed(trace('--start=plugin=hundred', '--stop=plugin', '-plugin', ACT, SUM).stdout);
    expect([traced.length, traced[0], traced.at(-1)]).toEqual([2400, expect.stringMatching(/^ +1200 {2}0x0000004000c8/), expect.stringMatching(/^ +3599 {2}/)]);
    const stores = trace('--class=store', '--start=plugin=hundred', '--stop=plugin=over', '--level=count', '-plugin', ACT, SUM);
    expect(stores.stderr).toBe('everystep: counted 400 of 4,800 instructions\n');
    // Without a trace nobody minds.
    expect(run('run', '-plugin', ACT, SUM).status).toBe(42);
  });

  it('say when to trace several threads, of code that has run before, too', () => {
    const built = buildPrograms(join(import.meta.dirname, 'programs'), '.build/trace-programs');
    const { path } = built.find(({ name }) => name === 'manyThreads') ?? { path: '' };
    const plugin = fileIn('onOff.mjs');
    writeFileSync(
      plugin,
      `export default { apiVersion: 1, name: 'onOff', install(api) {
         let calls = 0;
         api.onSyscall(() => { calls++; api.trigger(calls % 4 < 2 ? 'on' : 'off'); });
         let steps = [];
         api.onBlock((block) => { for (const insn of block.insns) insn.record({ exec: true }); });
         let rows = 0;
         api.onBatch((batch) => { rows += batch.length; });
         api.atExit(() => api.output(rows + ' ' + api.steps + '\\n'));
       } };`,
    );
    const [file, log] = ['threads', 'threadsLog'].map(fileIn);
    const outcome = trace('--start=plugin=on', '--stop=plugin=off', '--format=chunks', '-o', file, '-plugin', plugin, '-d', 'plugin', '-D', log, path);
    expect(outcome).toMatchObject({ status: 0, stdout: '10 435 5 7\n' });
    const [, traced, all] = /traced ([\d,]+) of ([\d,]+) /.exec(outcome.stderr) ?? [];
    const numberOf = (text: string): number => Number(text.replaceAll(',', ''));
    expect(numberOf(traced)).toBeGreaterThan(0);
    expect(numberOf(traced)).toBeLessThan(numberOf(all));
    expect(run('check-trace', file).stdout).toContain(`: ${traced} instructions`);
    expect(run('check-trace', file).stdout).toContain('no problems');
    const [rows, steps] = readFileSync(log, 'utf8').split(' ').map(Number);
    expect([rows, steps]).toEqual([numberOf(all), numberOf(all)]);
  });
});
