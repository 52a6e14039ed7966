import { describe, expect, it } from 'vitest';
import { utf8Text } from '../../base/index.ts';
import { createTextSink } from '../sink.ts';
import { mappingEvents } from '../testing/mappings.ts';
import { pcWish } from '../testing/pcWish.ts';
import { SAMPLE_CODE, sampleDisassembly, sampleGuest, traceSample } from '../testing/sampleTrace.ts';
import { checkFormat, formatContext, parseTraceLogItems, TEXT_FORMATS, type TextFormat } from './index.ts';

const MAPPINGS = mappingEvents(
  ['/bin/sample', SAMPLE_CODE, SAMPLE_CODE + 0x1000, 0],
  ['/bin/sample', SAMPLE_CODE + 0x2000, SAMPLE_CODE + 0x3000, 0x1000],
  ['/lib/other', SAMPLE_CODE + 0x4000, SAMPLE_CODE + 0x5000, 0],
);

/** Formats whose bytes are not text. */
const BINARY: ReadonlySet<TextFormat> = new Set(['drcov', 'champsim']);

function formattedBytes(format: TextFormat, watchedRegisters: readonly string[] = [], wants?: (pc: number) => boolean): Uint8Array {
  const parts: Uint8Array[] = [];
  const context = formatContext(sampleGuest(), sampleDisassembly, { settings: { watchedRegisters, interval: 5 } });
  const sink = createTextSink(format, context, (bytes) => void parts.push(bytes.slice()));
  if (format === 'drcov') sink.mappings?.(MAPPINGS);
  traceSample(sink, wants === undefined ? undefined : pcWish(wants));
  return Buffer.concat(parts);
}

const formatted = (format: TextFormat, watched: readonly string[] = [], wants?: (pc: number) => boolean): string =>
  utf8Text(formattedBytes(format, watched, wants));

/** 16 bytes a line. */
const hexLines = (bytes: Uint8Array): string =>
  Array.from({ length: Math.ceil(bytes.length / 16) }, (_, i) => `${Buffer.from(bytes.subarray(i * 16, i * 16 + 16)).toString('hex')}\n`).join('');

/** Formats that only their readers make sense of: tests/cli/profiles.test.ts has them read. */
const READ_ELSEWHERE: ReadonlySet<TextFormat> = new Set(['perfetto', 'pprof', 'uftrace']);

describe('golden files', () => {
  it.each(TEXT_FORMATS.filter((format) => !READ_ELSEWHERE.has(format)))('%s', async (format) => {
    const bytes = formattedBytes(format);
    await expect(BINARY.has(format) ? hexLines(bytes) : utf8Text(bytes)).toMatchFileSnapshot(`./golden/sample.${format}`);
  });

  it('execlog with register changes', async () => {
    await expect(formatted('execlog', ['x*', 'SP', 'cpsr', 'v?'])).toMatchFileSnapshot('./golden/sample.registers.execlog');
  });

  it('execlog with all registers, the program counter among them', async () => {
    await expect(formatted('execlog', ['*'])).toMatchFileSnapshot('./golden/sample.everything.execlog');
  });

  it('text of two functions only', async () => {
    const wants = (pc: number): boolean => (pc >= SAMPLE_CODE + 8 && pc < SAMPLE_CODE + 0x18) || pc >= SAMPLE_CODE + 0x48;
    await expect(formatted('text', [], wants)).toMatchFileSnapshot('./golden/sample.filtered.text');
  });
});

it('gives JSON with each line', () => {
  const lines = formatted('jsonl').trimEnd().split('\n');
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  expect(JSON.parse(lines[3])).toEqual({
    step: 2,
    pc: '0x400008',
    symbol: '_start',
    offset: 8,
    word: '0xf94007e1',
    insn: 'ldr x1, [sp, #8]',
    in: { sp: '0x55007fffc0' },
    out: { x1: '0xfffefdfcfbfaf9f8' },
    mem: [{ op: 'load', address: '0x55007fffc8', size: 8, data: '0xfffefdfcfbfaf9f8' }],
  });
});

it('knows which formats there are', () => {
  expect(checkFormat('jsonl', TEXT_FORMATS)).toBe('jsonl');
  expect(() => checkFormat('xml', TEXT_FORMATS)).toThrow("unknown trace format 'xml' (there are text, execlog, jsonl");
});

describe('tarmac', () => {
  // The grammar of tarmac-trace-utilities' doc/index.rst, as far as it concerns these lines.
  const PUNCTUATED = /^(?:[\s:()[\],<>]|[A-Za-z0-9_.#-]+)*$/;
  const INSN = /^\d+ clk IT \(\d+\) [0-9a-f]{16} [0-9a-f]{8} O EL0t_n : \S/;
  const REGISTER = /^\d+ clk R (?:X\d+|SP|TPIDR_EL0) [0-9a-f]{16}$|^\d+ clk R Q\d+ [0-9a-f]{32}$|^\d+ clk R (?:cpsr|FPCR|FPSR|DIT|SSBS) [0-9a-f]{8}$/;
  const MEMORY =
    /^\d+ clk M[RW](?:1 [0-9a-f]{16} [0-9a-f]{2}|2 [0-9a-f]{16} [0-9a-f]{4}|4 [0-9a-f]{16} [0-9a-f]{8}|8 [0-9a-f]{16} [0-9a-f]{8}_[0-9a-f]{8}|16 [0-9a-f]{16} [0-9a-f]{16} [0-9a-f]{16})$/;
  const OTHER = /^\d+ clk (?:E [0-9a-f]+ [0-9a-f]+ \w+|P .*|SIGNAL .*)$/;
  const lines = formatted('tarmac').trimEnd().split('\n');

  it('has lines of the grammar only', () => {
    for (const line of lines) {
      expect([INSN, REGISTER, MEMORY, OTHER].filter((form) => form.test(line)).length, line).toBe(1);
      if (!INSN.test(line)) expect(line).toMatch(PUNCTUATED);
    }
  });

  it('never goes back in time, and shows every instruction', () => {
    const times = lines.map((line) => Number.parseInt(line, 10));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(lines.filter((line) => INSN.test(line)).length).toBe(18);
  });

  it('has 16 bytes with the high word first, and none of what was not done', () => {
    expect(lines).toContain('6 clk MR16 00000055007fffc0 fffefdfcfbfaf9f8 f7f6f5f4f3f2f1f0');
    expect(lines.filter((line) => line.startsWith('15 clk'))).toEqual([
      '15 clk IT (15) 0000000000400038 c8077ff3 O EL0t_n : stxr w7, x19, [sp]',
      '15 clk R X7 0000000000000001',
    ]);
    expect(lines).toContain('18 clk MW2 00000055007fffe0 6261');
  });
});

describe('tenet', () => {
  const REGISTERS = ['pc', 'sp', 'lr', ...Array.from({ length: 30 }, (_, i) => `x${i}`)];

  it('tells all registers first, then changes, and memory of the instruction before', () => {
    const lines = formatted('tenet').trimEnd().split('\n');
    const items = lines.map((line) => line.split(',').map((item) => item.split('=')));
    expect(items[0].map(([name]) => name).sort()).toEqual([...REGISTERS].sort());
    for (const [i, line] of items.entries()) {
      for (const [name, value] of line) {
        if (/^m(r|w|rw)$/.test(name)) expect(value).toMatch(/^0x[0-9a-f]+:([0-9a-f]{2})+$/);
        else {
          expect(REGISTERS, lines[i]).toContain(name);
          expect(value).toMatch(/^0x[0-9a-f]{1,16}$/);
        }
      }
      expect(line.filter(([name]) => name === 'pc').length).toBe(1);
    }
    // One more than instructions: the state at the one that faults.
    expect(lines.length).toBe(19);
    expect(lines[4]).toBe('pc=0x400010,mw=0x55007fffd0:f8');
    expect(lines[18]).toBe('x0=0x3,pc=0x400044,mw=0x55007fffe0:61620a');
  });
});

describe('drcov', () => {
  it('is what Lighthouse’s parser takes', () => {
    const bytes = Buffer.from(formattedBytes('drcov'));
    const text = bytes.toString('latin1');
    const [, version, count, rows, blocks] =
      /^DRCOV VERSION: (\d)\nDRCOV FLAVOR: drcov\nModule Table: version 2, count (\d+)\nColumns: id, base, end, entry, path\n((?:.*\n)*)BB Table: (\d+) bbs\n/.exec(
        text,
      ) ?? [];
    expect([version, count]).toEqual(['2', '2']);
    expect(
      rows
        .trimEnd()
        .split('\n')
        .map((row) => row.trim().split(', ')),
    ).toEqual([
      ['0', '0x0000000000400000', '0x0000000000403000', '0x0000000000000000', '/bin/sample'],
      ['1', '0x0000000000404000', '0x0000000000405000', '0x0000000000000000', '/lib/other'],
    ]);
    const table = bytes.subarray(text.indexOf(' bbs\n') + 5);
    expect(table.length).toBe(Number(blocks) * 8);
    const covered = new Set<number>();
    for (let at = 0; at < table.length; at += 8) {
      expect(table.readUInt16LE(at + 6)).toBe(0);
      for (let i = 0; i < table.readUInt16LE(at + 4); i += 4) covered.add(table.readUInt32LE(at) + i);
    }
    // All but the load that faults.
    expect([...covered].sort((a, b) => a - b)).toEqual([...Array.from({ length: 17 }, (_, i) => i * 4), 0x48]);
  });

  it('leaves out what a filter does', () => {
    const bytes = Buffer.from(formattedBytes('drcov', [], (pc) => pc >= SAMPLE_CODE + 8 && pc < SAMPLE_CODE + 0x18));
    const table = bytes.subarray(bytes.indexOf(' bbs\n') + 5);
    expect([...new Uint32Array(new Uint8Array(table).buffer)]).toEqual([8, 0x10]);
  });
});

it('bbv counts every instruction of whole intervals', () => {
  const lines = formatted('bbv').split('\n').slice(0, -1);
  for (const line of lines) expect(line).toMatch(/^T(:\d+:\d+ )+$/);
  const counts = lines.flatMap((line) => [...line.matchAll(/:\d+:(\d+) /g)].map(([, count]) => Number(count)));
  expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(15);
});

it('champsim sees calls and returns', () => {
  const bytes = Buffer.from(formattedBytes('champsim'));
  expect(bytes.length).toBe(18 * 64);
  const at = (pc: number): Buffer => {
    for (let i = 0; i < bytes.length; i += 64) if (bytes.readBigUInt64LE(i) === BigInt(pc)) return bytes.subarray(i, i + 64);
    throw new Error(`no instruction at ${pc}`);
  };
  expect([...at(SAMPLE_CODE + 0x3c).subarray(8, 16)]).toEqual([1, 1, 26, 6, 26, 6, 0, 0]);
  expect([...at(SAMPLE_CODE + 0x48).subarray(8, 16)]).toEqual([1, 1, 26, 6, 6, 0, 0, 0]);
  const load = at(SAMPLE_CODE + 8);
  expect([...load.subarray(8, 16)]).toEqual([0, 0, 31, 0, 6, 0, 0, 0]);
  expect([load.readBigUInt64LE(16), load.readBigUInt64LE(32)]).toEqual([0n, 0x55_007f_ffc8n]);
  expect(at(SAMPLE_CODE + 0x18).readBigUInt64LE(24)).toBe(0x55_007f_ffb8n);
});

describe('vcd', () => {
  /** Values by time and name, from a file by the rules of IEEE 1364, 18.2. */
  function read(text: string): Map<number, Map<string, bigint>> {
    const names = new Map([...text.matchAll(/^\$var wire \d+ (\S+) (\S+) \$end$/gm)].map(([, id, name]) => [id, name]));
    const states = new Map<number, Map<string, bigint>>();
    let time = -1;
    let state = new Map<string, bigint>();
    for (const line of text
      .slice(text.indexOf('$enddefinitions $end\n') + 21)
      .trimEnd()
      .split('\n')) {
      if (line.startsWith('#')) {
        expect(Number(line.slice(1))).toBeGreaterThan(time);
        time = Number(line.slice(1));
        state = new Map(state);
        states.set(time, state);
      } else if (!line.startsWith('$')) {
        const [, bits, id] = /^b([01]+) (\S+)$/.exec(line) ?? [];
        state.set(names.get(id) as string, BigInt(`0b${bits}`));
      }
    }
    return states;
  }

  it('has the registers after each instruction', () => {
    const states = read(formatted('vcd', ['x*', 'pc', 'v1', 'cpsr']));
    expect(states.get(0)?.get('x8')).toBe(0x3fn);
    expect(states.get(1)?.get('x19')).toBe(5n);
    expect(states.get(6)?.get('v1')).toBe(0x0f0e0d0c0b0a090807060504030201f8n);
    expect([9, 10, 11].map((time) => states.get(time)?.get('cpsr'))).toEqual([0n, 0x6000_0000n, 0x2000_0000n]);
    expect([15, 16, 17, 18].map((time) => states.get(time)?.get('pc'))).toEqual([0x40003cn, 0x400048n, 0x400040n, 0x400044n]);
    expect(states.get(18)?.get('x0')).toBe(3n);
  });
});

it('the qemu format needs log items that are there', () => {
  expect(parseTraceLogItems('exec,cpu')).toEqual(['exec', 'cpu']);
  expect(() => parseTraceLogItems('exec,op')).toThrow("no log item 'op' in a trace; there are in_asm, exec, cpu, fpu, nochain");
});
