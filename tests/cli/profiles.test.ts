import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { BuiltCommand, type Outcome, runProgram } from './command.ts';
import { fieldsOf, textOf } from './protobuf.ts';

const root = join(import.meta.dirname, '../..');
const hasTool = (name: string): boolean => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

let everystep: BuiltCommand;
let folder = '';
let calls = '';
/** Instructions in the trace. */
let insns = 0;
beforeAll(() => {
  everystep = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'everystep-profiles-'));
  calls = buildPrograms(join(import.meta.dirname, 'profiles'), join(root, '.build/profile-programs'))[0].path;
  const { status, stderr } = everystep.run(['trace', '--format=chunks', '-o', join(folder, 'trace'), calls]);
  expect(status).toBe(0);
  insns = Number(/traced all ([\d,]+) instructions/.exec(stderr)?.[1].replaceAll(',', ''));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const formats = new Map<string, Buffer>();

/** The trace in a format, also in the folder. */
function exported(format: string): Buffer {
  const known = formats.get(format);
  if (known !== undefined) return known;
  const file = join(folder, format);
  const { status, stderr } = everystep.run(['export', `--format=${format}`, '-o', file, join(folder, 'trace')]);
  expect([status, stderr]).toEqual([0, '']);
  const bytes = readFileSync(file);
  formats.set(format, bytes);
  return bytes;
}

const tool = (name: string, ...args: readonly string[]): Outcome => {
  const outcome = runProgram(name, args, { PATH: process.env.PATH ?? '', HOME: folder });
  expect(outcome.status, outcome.stderr).toBe(0);
  return outcome;
};

/** What the stacks of main's part of the program are, but those of the C library's own. */
const STACKS = [
  'main',
  'main;tail',
  'main;tail;leaf',
  'main;recursive',
  'main;recursive;leaf',
  'main;thrower',
  'main;thrower;thrower',
  'main;thrower;thrower;thrower',
  'main;thrower;thrower;thrower;thrower',
  'main;raiser',
  'main;raiser;handler',
  'main;raiser;handler;leaf',
  'main;after',
  'main;after;leaf',
];

const OWN = new Set(['main', 'tail', 'leaf', 'recursive', 'thrower', 'raiser', 'handler', 'after']);

describe('folded', () => {
  it('has every instruction, under the functions that were running', () => {
    const lines = exported('folded').toString().trimEnd().split('\n');
    expect(lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(insns);
    const stacks = lines.map((line) => line.replace(/ \d+$/, '').split(';'));
    const own = stacks.filter((stack) => OWN.has(stack.at(-1) ?? '')).map((stack) => stack.filter((name) => OWN.has(name)).join(';'));
    expect(own).toEqual(STACKS);
  });

  it('is the same from a run as from its trace', () => {
    const { status, stdout } = everystep.run(['trace', '--format=folded', calls]);
    expect(status).toBe(0);
    expect(stdout).toBe(exported('folded').toString());
  });
});

describe('callgrind', () => {
  it('adds up to the instructions that ran', () => {
    const text = exported('callgrind').toString();
    const [, summary] = /^summary: (\d+)/m.exec(text) ?? [];
    let sum = 0;
    let isCall = false;
    for (const line of text.split('\n')) {
      const [, count] = /^0x[0-9a-f]+ \d+ (\d+) \d+ \d+$/.exec(line) ?? [];
      if (count !== undefined && !isCall) sum += Number(count);
      isCall = line.startsWith('calls=');
    }
    expect([Number(summary), sum]).toEqual([insns, insns]);
  });

  it.runIf(hasTool('callgrind_annotate'))('is read by callgrind_annotate', () => {
    exported('callgrind');
    const { stdout, stderr } = tool('callgrind_annotate', '--threshold=100', join(folder, 'callgrind'), join(root, 'tests/cli/profiles/calls.c'));
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`${insns.toLocaleString('en')} .*PROGRAM TOTALS`));
    expect(stdout).toMatch(/=> .*calls\.c:thrower \(3x\)/);
    expect(stdout).toMatch(/=> .*calls\.c:thrower \(1x\)/);
  });
});

describe('lcov', () => {
  it('tells which lines ran how often', () => {
    const text = exported('lcov').toString();
    const source = readFileSync(join(root, 'tests/cli/profiles/calls.c'), 'utf8').split('\n');
    const lineOf = (part: string): number => source.findIndex((line) => line.includes(part)) + 1;
    const counts = new Map([...text.matchAll(/^DA:(\d+),(\d+)$/gm)].map(([, line, count]) => [Number(line), Number(count)]));
    expect(counts.get(lineOf('sink += n;'))).toBe(5);
    expect(counts.get(lineOf('if (n == 0) longjmp'))).toBe(4);
    expect(counts.get(lineOf('thrower(n - 1);'))).toBe(3);
    expect(counts.get(lineOf('for (int i = 0; i < 10'))).toBe(10);
    expect(counts.get(lineOf('if (argc > 5)') + 1)).toBe(0);
    expect(text).toMatch(/^FNDA:4,thrower$/m);
    expect(text).toMatch(/^SF:.*\/tests\/cli\/profiles\/calls\.c$/m);
    expect(text).toMatch(new RegExp(`^BRDA:${lineOf('if (argc > 5)')},0,\\d,0$`, 'm'));
  });

  it.runIf(hasTool('genhtml'))('is read by genhtml', () => {
    exported('lcov');
    const { stdout } = tool('genhtml', '--branch-coverage', '-o', join(folder, 'html'), join(folder, 'lcov'));
    expect(stdout).toMatch(/functions\.*: 100\.0% \(8 of 8 functions\)/);
  });
});

interface Speedscope {
  readonly profiles: readonly {
    readonly endValue: number;
    readonly events: readonly { readonly type: 'O' | 'C'; readonly frame: number; readonly at: number }[];
  }[];
  readonly shared: { readonly frames: readonly { readonly name: string }[] };
}

describe('speedscope', () => {
  it('has functions that begin and end in order', () => {
    const { profiles, shared } = JSON.parse(exported('speedscope').toString()) as Speedscope;
    expect(profiles.map(({ endValue }) => endValue)).toEqual([insns]);
    const stack: number[] = [];
    const seen = new Set<string>();
    let last = 0;
    for (const { type, frame, at } of profiles[0].events) {
      expect(at).toBeGreaterThanOrEqual(last);
      last = at;
      if (type === 'O') stack.push(frame);
      else expect(stack.pop()).toBe(frame);
      const names = stack.map((each) => shared.frames[each].name);
      if (OWN.has(names.at(-1) ?? '')) seen.add(names.filter((name) => OWN.has(name)).join(';'));
    }
    expect(stack).toEqual([]);
    for (const each of STACKS) expect(seen).toContain(each);
  });
});

describe('chrome', () => {
  it('has events that nest, and system calls', () => {
    const { traceEvents } = JSON.parse(exported('chrome').toString()) as { traceEvents: readonly { ph: string; ts?: number; name?: string; cat?: string }[] };
    let depth = 0;
    let last = 0;
    for (const { ph, ts } of traceEvents) {
      if (ph === 'M') continue;
      expect(ts).toBeGreaterThanOrEqual(last);
      last = ts ?? 0;
      depth += ph === 'B' ? 1 : -1;
      expect(depth).toBeGreaterThanOrEqual(0);
    }
    expect([depth, Math.round(last * 1000)]).toEqual([0, insns]);
    expect(traceEvents.filter(({ cat, name }) => cat === 'syscall' && name === 'tgkill').length).toBe(2);
  });
});

describe('perfetto', () => {
  it('has slices that nest', () => {
    const names = new Map<number, string>();
    const stack: string[] = [];
    const seen = new Set<string>();
    for (const { value: packet } of fieldsOf(exported('perfetto'))) {
      const fields = fieldsOf(packet as Uint8Array);
      const interned = fields.find(({ field }) => field === 12)?.value as Uint8Array | undefined;
      for (const { field, value } of interned === undefined ? [] : fieldsOf(interned)) {
        const [id, name] = fieldsOf(value as Uint8Array);
        if (field === 2) names.set(Number(id.value), textOf(name.value));
      }
      const event = fields.find(({ field }) => field === 11)?.value as Uint8Array | undefined;
      if (event === undefined) continue;
      const of = (number: number): unknown => fieldsOf(event).find(({ field }) => field === number)?.value;
      if (of(9) === 1n) stack.push(names.get(Number(of(10))) ?? 'without a name');
      else stack.pop();
      seen.add(stack.filter((name) => OWN.has(name)).join(';'));
    }
    expect(stack).toEqual([]);
    for (const each of STACKS) expect(seen).toContain(each);
  });
});

describe('pprof', () => {
  it('has every instruction', () => {
    const fields = fieldsOf(gunzipSync(exported('pprof')));
    const strings = fields.filter(({ field }) => field === 6).map(({ value }) => textOf(value));
    expect(strings[0]).toBe('');
    expect(strings).toContain('thrower');
    const samples = fields.filter(({ field }) => field === 2).map(({ value }) => fieldsOf(value as Uint8Array));
    const values = samples.map((sample) => fieldsOf(sample.find(({ field }) => field === 2)?.value as Uint8Array, true)[0].value as bigint);
    expect(Number(values.reduce((sum, value) => sum + value, 0n))).toBe(insns);
  });

  it.runIf(hasTool('go'))('is read by go tool pprof', () => {
    exported('pprof');
    expect(tool('go', 'tool', 'pprof', '-top', join(folder, 'pprof')).stdout).toMatch(/Type: instructions\n(.*\n)* .* main\n/);
  });
});

describe('uftrace', () => {
  const data = (): string => {
    const path = join(folder, 'uftrace.data');
    expect(everystep.run(['export', '--format=uftrace', '-o', path, join(folder, 'trace')])).toMatchObject({ status: 0, stderr: '' });
    return path;
  };

  it('is a folder of records', () => {
    const path = data();
    const files = readdirSync(path);
    expect(files).toEqual(expect.arrayContaining(['calls.sym', 'info', 'sid-0.map', 'task.txt']));
    const records = readFileSync(join(path, files.find((name) => name.endsWith('.dat')) ?? ''));
    let depth = 0;
    for (let at = 0; at < records.length; at += 16) {
      const bits = records.readUInt16LE(at + 8);
      expect((bits >> 3) & 7).toBe(5);
      if ((bits & 3) === 0) expect(bits >> 6).toBe(depth++);
      else expect(bits >> 6).toBe(--depth);
    }
    expect(depth).toBe(0);
  });

  it.runIf(hasTool('uftrace'))('is read by uftrace', () => {
    const { stdout } = tool('uftrace', 'report', '-d', data(), '-s', 'call');
    expect(stdout).toMatch(/ 4 {2}thrower\n/);
    expect(stdout).toMatch(/ 2 {2}handler\n/);
  });
});

it('says so where a folder is to go to standard output', () => {
  expect(everystep.run(['export', '--format=uftrace', '-o', '-', join(folder, 'trace')])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('name one with -o'),
  });
});
