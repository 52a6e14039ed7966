import { describe, expect, it, vi } from 'vitest';
import type { OptionRow } from './optionTable.ts';
import { parseOperand, parseOperands } from './parseOperands.ts';

const printed = vi.hoisted((): string[] => []);
vi.mock('node:fs', () => ({ writeSync: (_: number, text: string) => void printed.push(text) }));

interface Settings {
  json: boolean;
  output: string;
}

const ROWS: readonly OptionRow<Settings>[] = [
  {
    names: ['json'],
    group: '',
    help: '',
    state: 'done',
    apply: (s) => {
      s.json = true;
    },
  },
  {
    names: ['o'],
    argument: 'file',
    variable: 'OUTPUT',
    group: '',
    help: '',
    state: 'done',
    apply: (s, value) => {
      s.output = value;
    },
  },
  { names: ['h'], group: '', help: '', state: 'done', print: () => 'the help\n' },
];

describe('operands', () => {
  const parse = (line: string, options: Parameters<typeof parseOperands>[4] = {}) => {
    const settings: Settings = { json: false, output: '' };
    return { operands: parseOperands('everystep x', ROWS, settings, line.split(' ').filter(Boolean), options), ...settings };
  };

  it('may stand before, between and behind options', () => {
    for (const line of ['-json -o f a b', 'a -json -o f b', 'a b -json -o f', 'a -o f b --json'])
      expect(parse(line)).toEqual({ operands: ['a', 'b'], json: true, output: 'f' });
    expect(parse('a -- -json b')).toEqual({ operands: ['a', '-json', 'b'], json: false, output: '' });
    expect(parse('')).toEqual({ operands: [], json: false, output: '' });
  });

  it('may begin with a dash where the subcommand says so', () => {
    const isOperand = (text: string): boolean => /^-[0-9]/.test(text);
    expect(parse('a -1 -json -2', { isOperand })).toMatchObject({ operands: ['a', '-1', '-2'], json: true });
    expect(() => parse('a -1')).toThrow("unknown option '-1'");
  });

  it('come behind the environment, whose words options replace', () => {
    const environment = { OUTPUT: 'there' };
    expect(parse('', { environment })).toMatchObject({ output: 'there' });
    expect(parse('a -json', { environment })).toMatchObject({ operands: ['a'], output: 'there' });
    expect(parse('-o here a b', { environment })).toMatchObject({ operands: ['a', 'b'], output: 'here' });
  });

  it('are none where the help is wanted', () => {
    expect(parse('a -h').operands).toBeUndefined();
    expect(printed).toEqual(['the help\n']);
  });
});

it('says if a single operand is missing, or one too many', () => {
  const parse = (...argv: readonly string[]) => parseOperand('everystep x', 'recording', ROWS, { json: false, output: '' }, argv);
  expect(parse('a', '-json')).toBe('a');
  expect(() => parse('-json')).toThrow('no recording given (everystep x -h shows how)');
  expect(() => parse('a', '-json', 'b')).toThrow("one recording at a time: 'b' is one too many");
});
