import { describe, expect, it } from 'vitest';
import { utf8Text } from '../../base/index.ts';
import { createTextSink } from '../sink.ts';
import { SAMPLE_CODE, sampleDisassembly, sampleGuest, traceSample } from '../testing/sampleTrace.ts';
import { checkFormat, formatContext, TEXT_FORMATS, type TextFormat } from './index.ts';

function formatted(format: TextFormat, watched: readonly string[] = [], wants?: (pc: number) => boolean): string {
  let text = '';
  traceSample(
    createTextSink(format, formatContext(sampleGuest(), sampleDisassembly, { watchedRegisters: watched }), (bytes) => {
      text += utf8Text(bytes);
    }),
    wants,
  );
  return text;
}

/** Formats that are no text: tests/cli/profiles.test.ts reads them. */
const BINARY: ReadonlySet<TextFormat> = new Set(['perfetto', 'pprof', 'uftrace']);

describe('golden files', () => {
  it.each(TEXT_FORMATS.filter((format) => !BINARY.has(format)))('%s', async (format) => {
    await expect(formatted(format)).toMatchFileSnapshot(`./golden/sample.${format}`);
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
  expect(() => checkFormat('xml', TEXT_FORMATS)).toThrow("unknown trace format 'xml' (there are text, execlog, jsonl, ");
});
