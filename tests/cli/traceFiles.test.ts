import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { lines, SUM, useTraceCommand } from './traceCommand.ts';

const SUM_STEPS = 12_000_015;

const { run, program, file: fileIn } = useTraceCommand();
/** Of examples/sum. */
let trace = '';
beforeAll(() => {
  trace = fileIn('sum');
  run('trace', '--format=chunks', '-o', trace, SUM);
});

/** Frames of a trace file: their letters, place and length. */
function framesOf(bytes: Buffer): { kind: string; at: number; length: number }[] {
  const frames = [];
  for (let at = 16 + bytes.readUInt32LE(12); at < bytes.length; at += bytes.readUInt32LE(at + 4)) {
    frames.push({ kind: bytes.toString('latin1', at, at + 4), at, length: bytes.readUInt32LE(at + 4) });
  }
  return frames;
}

describe('a trace file', () => {
  it('takes less than a byte for each instruction', () => {
    expect(statSync(trace).size).toBeLessThan(SUM_STEPS / 2);
  });

  it('has keys, and is exported from any step on without being read before the last key', () => {
    const bytes = readFileSync(trace);
    const frames = framesOf(bytes);
    const keys = frames.filter(({ kind }) => kind === 'KEYF');
    expect(keys.length).toBeGreaterThan(0);
    const last = keys.at(-1) as { at: number };
    const step = bytes.readUInt32LE(last.at + 24);
    const window = (from: number): string => run('export', `--from=${from}`, '--first=20', trace).stdout;
    const [near, beyond] = [window(step - 10), window(step + 5)];
    const live = run('trace', `--from=${step - 10}`, '--first=20', SUM).stdout;
    const withoutOutput = (text: string): string[] => text.split('\n').filter((line) => /^ *\d+ {2}(0x|--)/.test(line));
    expect(withoutOutput(near)).toEqual(withoutOutput(live));
    // What is before the last key and no definition can be anything.
    for (const { kind, at, length } of frames) if (kind === 'CHNK' && at < last.at) bytes.fill(0xee, at + 40, at + length);
    const spoilt = fileIn('spoilt');
    writeFileSync(spoilt, bytes);
    expect(run('export', `--from=${step + 5}`, '--first=20', spoilt)).toEqual({ status: 0, stdout: beyond, stderr: '' });
    expect(run('export', `--from=${step - 10}`, '--first=20', spoilt)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('has another sum than it should'),
    });
  });

  it('is exported up to a step', () => {
    const steps = run('export', '--from=100', '--to=105', trace).stdout.matchAll(/^ +(\d+) {2}(0x|--)/gm);
    expect([...steps].map(([, step]) => step)).toEqual(['100', '100', '101', '102', '103', '104', '105']);
  });

  it('of some instructions only can be read from any chunk', () => {
    const file = fileIn('filtered');
    run('trace', '--format=chunks', '--range=0x4000dc..0x4000ec', '-o', file, SUM);
    const [, first] = /^ +(\d+) {2}0x/m.exec(run('export', '--from=11000000', '--first=1', file).stdout) ?? [];
    expect(Number(first)).toBeGreaterThanOrEqual(11_000_000);
    expect(Number(first)).toBeLessThan(11_000_012);
  });

  // Nothing came, without a word.
  it('has no steps behind its end', () => {
    expect(run('export', '--from=12000015', trace)).toEqual({ status: 2, stdout: '', stderr: `everystep: --from: ${trace} ends at step 12,000,015\n` });
    expect(lines(run('export', '--from=12000014', trace).stdout).at(-1)).toMatch(/-- exit 0$/);
  });

  it('is read from a pipe, too', () => {
    expect(run('export', '--from=50', '--first=1', '/dev/stdin').status).toBe(2);
    const { stdout } = run('export', '--from=50', '--first=1', trace);
    expect(stdout).toContain('       50  0x');
  });

  it('tells before how much an export is', () => {
    expect(run('export', '--estimate', trace)).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^12,000,015 instructions as text: about 1\.\d GB, (\d+ s|below a second)\n$/),
      stderr: '',
    });
    expect(run('export', '--estimate', '--format=jsonl', '--from=10', '--first=1000', trace).stdout).toMatch(
      /^1,000 instructions as jsonl: about \d+\.\d kB, /,
    );
  });
});

describe('everystep check-trace', () => {
  it('finds nothing wrong with a whole file', () => {
    const { status, stdout, stderr } = run('check-trace', trace);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/: 12,000,015 instructions, hash of the values [0-9a-f]{16}, no problems\n$/);
  });

  it.each(['printfPie', 'qsort', 'sha256', 'vectors'])('agrees with keys of %s', (name) => {
    const file = fileIn('one');
    run('trace', '--format=chunks', '-o', file, program(name));
    expect(run('check-trace', file)).toMatchObject({ status: 0, stdout: expect.stringMatching(/no problems\n$/), stderr: '' });
  });

  it('names the first thing that does not hold', () => {
    const bytes = readFileSync(trace);
    const chunk = framesOf(bytes).filter(({ kind }) => kind === 'CHNK')[2];
    bytes[chunk.at + 50] ^= 4;
    const file = fileIn('damaged');
    writeFileSync(file, bytes);
    const { status, stdout, stderr } = run('check-trace', file);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout.split('\n')[1]).toBe(`${file}: the trace file is damaged: the frame at byte ${chunk.at} has another sum than it should`);
  });

  it('takes what an interrupted writer left', () => {
    const file = fileIn('cut');
    writeFileSync(file, readFileSync(trace).subarray(0, statSync(trace).size >> 1));
    expect(run('check-trace', file)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('no problems'),
      stderr: expect.stringContaining('incomplete'),
    });
  });

  it.each([
    [['check-trace'], 'everystep: no trace file given (everystep check-trace -h shows how)\n'],
    [['check-trace', '/no/such/file'], 'everystep: /no/such/file: no such file or directory\n'],
    [['check-trace', SUM], 'everystep: examples/sum/sum: this is not an everystep trace file (everystep trace writes them)\n'],
    [['check-trace', '/'], 'everystep: /: illegal operation on a directory\n'],
  ])('answers %j with one line', (args, stderr) => {
    expect(run(...args)).toEqual({ status: 2, stdout: '', stderr });
  });
});
