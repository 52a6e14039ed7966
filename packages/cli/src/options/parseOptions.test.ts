import { UserError } from '@everystep/core';
import { describe, expect, it } from 'vitest';
import { defaultRunSettings, type ParsedCommand, parseOptions, type RunSettings, runHelp, runOptions } from './index.ts';

const rows = runOptions(runHelp);

function parse(commandLine: string | readonly string[], environment: Record<string, string> = {}): ParsedCommand & { settings: RunSettings } {
  const settings = defaultRunSettings();
  const argv = typeof commandLine === 'string' ? commandLine.split(' ').filter((word) => word !== '') : commandLine;
  return { ...parseOptions('everystep run', rows, settings, argv, environment), settings };
}

const rest = (commandLine: string | readonly string[]): readonly string[] => {
  const parsed = parse(commandLine);
  return parsed.kind === 'run' ? parsed.rest : [parsed.text];
};

function mistake(commandLine: string, environment: Record<string, string> = {}): string {
  try {
    parse(commandLine, environment);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('no mistake was found');
}

describe("QEMU's command lines", () => {
  it('leaves the program its arguments, whatever they look like', () => {
    expect(rest('./a.out -d exec -h --help -- -L')).toEqual(['./a.out', '-d', 'exec', '-h', '--help', '--', '-L']);
    expect(rest('-strace a -strace')).toEqual(['a', '-strace']);
  });

  it('ends options at --', () => {
    expect(rest('-strace -- -d x')).toEqual(['-d', 'x']);
    expect(rest('-- -- x')).toEqual(['--', 'x']);
  });

  it('takes one dash or two', () => {
    expect(parse('--d exec --singlestep --D f a').settings).toMatchObject({ oneInsnPerBlock: true, logFile: 'f' });
  });

  it('takes as argument whatever comes next', () => {
    expect(parse('-0 -h -L -- a').settings).toMatchObject({ argv0: '-h', libraryPrefix: '--' });
    expect(parse(['-0', '', 'a']).settings.argv0).toBe('');
  });

  it("does not take one option's beginning for another", () => {
    expect(mistake('-sing a')).toBe("unknown option '-sing' (everystep run -h lists the options)");
    expect(mistake('-dexec a')).toContain("unknown option '-dexec'");
    expect(mistake('-L=x a')).toContain("unknown option '-L=x'");
    expect(parse('-s 1M -seed 7 -strace -singlestep a').settings).toMatchObject({ stackSize: 1 << 20, seed: 7n, oneInsnPerBlock: true });
  });

  it('joins -d options, and lets the last of the others win', () => {
    expect([...parse('-d in_asm,exec -d cpu -strace a').settings.logItems]).toEqual(['in_asm', 'exec', 'cpu', 'strace']);
    expect(parse('-D a -D b x').settings.logFile).toBe('b');
  });

  it('keeps the order of -E and -U', () => {
    expect(parse('-E A=1,B=x=y -U A -E A= a').settings.environmentEdits).toEqual([
      { kind: 'set', assignment: 'A=1' },
      { kind: 'set', assignment: 'B=x=y' },
      { kind: 'unset', name: 'A' },
      { kind: 'set', assignment: 'A=' },
    ]);
  });

  it('reads the environment first', () => {
    const variables = { EVERYSTEP_LD_PREFIX: '/v', EVERYSTEP_SET_ENV: 'A=1', EVERYSTEP_STRACE: '', EVERYSTEP_SINGLESTEP: '0', EVERYSTEP_LOG: 'exec' };
    const { settings } = parse('-L /c -E A=2 a', variables);
    expect(settings).toMatchObject({ libraryPrefix: '/c', oneInsnPerBlock: true });
    expect([...settings.logItems].sort()).toEqual(['exec', 'strace']);
    expect(settings.environmentEdits.map((edit) => edit.kind === 'set' && edit.assignment)).toEqual(['A=1', 'A=2']);
  });

  it('knows --no-opt with = and without', () => {
    expect([...parse('--no-opt=a --no-opt b -no-opt=c,d x').settings.disabled]).toEqual(['a', 'b', 'c', 'd']);
  });

  it('reads numbers as C does', () => {
    expect(parse('-s 0x10000 -seed 0777 a').settings).toMatchObject({ stackSize: 0x10000, seed: 0o777n });
    expect(parse('-seed 18446744073709551615 a').settings.seed).toBe(2n ** 64n - 1n);
    for (const bad of [
      '-seed -1',
      '-seed 5x',
      '-seed 18446744073709551616',
      '-seed 08',
      '-s 0',
      '-s x',
      '-s 3kk',
      '-s 99999999999G',
      '-B y',
      '-p 3',
      '-p 8192',
    ]) {
      expect(mistake(`${bad} a`)).toMatch(/^-\w+: /);
    }
    expect(parse('-p 0x1000 -B 0x0 a').kind).toBe('run');
  });
});

describe('mistakes', () => {
  it.each([
    ['-L', "option '-L' needs an argument: path"],
    ['- a', "unknown option '-' (everystep run -h lists the options)"],
    ['-d exce a', "-d: unknown log item 'exce' (everystep run -d help lists them)"],
    ['-d , a', "-d: unknown log item '' (everystep run -d help lists them)"],
    ['-d tid a', "-d: log item 'tid' is not supported: leave it out"],
    ['-E A a', "-E: 'A' is no NAME=value"],
    ['-E A=1,B a', "-E: 'B' is no NAME=value"],
    ['-U A=1 a', "-U: 'A=1' is no variable's name"],
    ['-cpu z80 a', "-cpu: there is no CPU 'z80'; there are max, cortex-a53, cortex-a57, cortex-a72, cortex-a76, neoverse-n1"],
    ['-cpu max,sve=off a', "-cpu: CPU properties ('sve=off') are not supported: leave them out"],
    ['-R 1G a', "option '-R' is not supported: the guest always has its whole address space; leave it out"],
    ['-g 123456 a', "-g: '123456' is no port: give one from 0 to 65535, address:port, or the path of a socket"],
    ['-D a%s x', "-D: 'a%s' is no name for a log file: only one %d may stand in it"],
  ])('%s', (commandLine, message) => {
    expect(mistake(commandLine)).toBe(message);
  });

  it('names the variable that holds one', () => {
    expect(mistake('a', { EVERYSTEP_LOG: 'exce' })).toMatch(/^EVERYSTEP_LOG: unknown log item/);
    expect(mistake('a', { EVERYSTEP_RTSIG_MAP: '1' })).toMatch(/^option 'EVERYSTEP_RTSIG_MAP' is not supported/);
  });
});

describe('-dfilter', () => {
  const ranges = (text: string) => parse(['-dfilter', text, 'a']).settings.logRanges;

  it("reads QEMU's three forms", () => {
    expect(ranges('0x400000+0x10,0x10-5,1..2')).toEqual([
      { start: 0x400000, end: 0x40000f },
      { start: 12, end: 16 },
      { start: 1, end: 2 },
    ]);
    expect(ranges('5-6')).toEqual([{ start: 0, end: 5 }]);
    expect(ranges('0..0xffffffffffffffff')).toEqual([{ start: 0, end: Number.POSITIVE_INFINITY }]);
  });

  it.each(['x', '', '1+x', 'x..1', '1+', '2..1', '0-5', '5-0', '5+0', '0xffffffffffffffff+2', '1..2-3', '1+1,,2+1', '1 + 2'])("refuses '%s'", (text) => {
    expect(() => ranges(text)).toThrow(UserError);
  });
});

describe('what only prints', () => {
  it.each(['-h', '--help', '-version', '-d help', '-d exec,help', '-cpu help'])('%s', (commandLine) => {
    const parsed = parse(`${commandLine} a`);
    expect(parsed).toMatchObject({ kind: 'print' });
    expect(rest(commandLine)[0]).toMatch(/\n$/);
  });
});
