import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { qemu } from './command.ts';
import { lines, SUM, useTraceCommand } from './traceCommand.ts';

const { run, program, file } = useTraceCommand();

describe('the qemu format', () => {
  /** QEMU's host addresses and cs_base are not ours (README). */
  const comparable = (path: string): string[] => lines(readFileSync(path, 'latin1').replace(/^Trace 0: 0x[0-9a-f]+ \[[0-9a-f]+/gm, 'Trace 0: HOST [BASE'));

  it.each(['branches', 'atomics', 'loops', 'vectors', 'recursion', 'computedGoto', 'unaligned', 'faultWrite', 'illegal', 'breakpoint'])(
    "is QEMU's own log: %s",
    (name) => {
      const [chunks, ours, theirs] = [file('chunks'), file('ours'), file('theirs')];
      qemu(['-cpu', 'cortex-a57', '-seed', '1', '-d', 'in_asm,exec,cpu,fpu,nochain', '-D', theirs, program(name)]);
      run('trace', '-cpu', 'cortex-a57', '-seed', '1', '--format=chunks', '-o', chunks, program(name));
      expect(run('export', '--format=qemu', '--log-items=in_asm,exec,cpu,fpu,nochain', '-o', ours, chunks)).toEqual({ status: 0, stdout: '', stderr: '' });
      const [got, expected] = [comparable(ours), comparable(theirs)];
      const different = expected.findIndex((line, i) => line !== got[i]);
      expect(got[different], `line ${different + 1}`).toBe(expected[different]);
      expect(got.length).toBe(expected.length);
    },
  );

  it('refuses what a trace cannot tell', () => {
    expect(run('export', '--log-items=op', file('chunks'))).toEqual({
      status: 2,
      stdout: '',
      stderr: "everystep: --log-items: there is no log item 'op' in a trace; there are in_asm, exec, cpu, fpu, nochain\n",
    });
  });
});

describe('live and from chunks', () => {
  it.each(['tarmac', 'tenet', 'spike', 'qemu', 'drcov', 'champsim', 'vcd'])('%s is the same', (format) => {
    const [chunks, ours, live] = [file('chunks'), file('ours'), file('live')];
    run('trace', '-seed', '1', '--format=chunks', '-o', chunks, program('irreducible'));
    run('trace', '-seed', '1', `--format=${format}`, '-o', live, program('irreducible'));
    expect(run('export', `--format=${format}`, '-o', ours, chunks)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(ours).equals(readFileSync(live))).toBe(true);
    expect(readFileSync(ours).length).toBeGreaterThan(300);
  });

  it('a part of a trace stands on its own', () => {
    const chunks = file('chunks');
    run('trace', '--format=chunks', '-o', chunks, program('irreducible'));
    const part = (format: string): string => run('export', `--format=${format}`, '--from=100', '--first=5', chunks).stdout;
    expect(
      lines(part('tarmac'))
        .filter((line) => / clk IT /.test(line))
        .map((line) => Number.parseInt(line, 10)),
    ).toEqual([101, 102, 103, 104, 105]);
    expect(lines(part('tarmac'))[0]).toMatch(/^100 clk R X0 [0-9a-f]{16}$/);
    // With the state behind.
    expect(lines(part('tenet')).length).toBe(6);
    expect(lines(part('tenet'))[0].split(',').length).toBe(33);
  });
});

it('bbv counts every instruction of an interval', () => {
  const { stdout } = run('trace', '--format=bbv', '--interval=1000000', SUM);
  const vectors = stdout.split('\n').filter((line) => line.startsWith('T:'));
  expect(vectors.length).toBe(12);
  const counts = vectors.map((line) => [...line.matchAll(/:\d+:(\d+) /g)].reduce((sum, [, count]) => sum + Number(count), 0));
  for (const count of counts) expect(Math.abs(count - 1_000_000)).toBeLessThan(20);
});

it('drcov names the program and its libraries', () => {
  run('trace', '--format=drcov', '-o', file('cov'), program('printfPie'));
  const text = readFileSync(file('cov'), 'latin1');
  expect(text).toMatch(/^ {2}0, 0x0000005500000000, 0x[0-9a-f]{16}, 0x0{16}, .*printfPie$/m);
});
