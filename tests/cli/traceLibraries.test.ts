import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { fieldsOf, textOf } from './protobuf.ts';
import { executed, lines, useTraceCommand } from './traceCommand.ts';

const { run, trace, file } = useTraceCommand();
const COMPILER = process.env.AARCH64_CC ?? 'aarch64-linux-gnu-gcc';
const sources = join(import.meta.dirname, 'libraries');
/** Where the compiler has the guest's C library. */
const linker = execFileSync(COMPILER, ['-print-file-name=ld-linux-aarch64.so.1'], { encoding: 'utf8' }).trim();
const sysroot = join(linker, '../..');

let program = '';
beforeAll(() => {
  mkdirSync(file('lib'));
  const library = file('lib/libweigh.so.1.2');
  execFileSync(COMPILER, ['-O1', '-shared', '-fPIC', '-Wl,-soname,libweigh.so.1', join(sources, 'weigh.c'), '-o', library]);
  execFileSync('ln', ['-s', 'libweigh.so.1.2', file('lib/libweigh.so.1')]);
  program = file('useWeigh');
  execFileSync(COMPILER, ['-O1', join(sources, 'useWeigh.c'), library, '-Wl,-rpath,$ORIGIN/lib', '-o', program]);
});

const traced = (...options: readonly string[]) => trace('-L', sysroot, '-seed', '1', ...options, program);
/** The functions of executed instructions, without repetitions that follow each other. */
const functionsOf = (text: string): string[] =>
  executed(text)
    .map((line) => (line.trim().split(/\s+/)[3] as string).replace(/\+0x.*/, ''))
    .filter((name, i, all) => name !== all[i - 1]);
const CALLS_OF = (letters: number): string[] => Array.from({ length: 2 * letters + 1 }, (_, i) => (i % 2 === 0 ? 'weigh' : 'heavier'));

describe('code of libraries', () => {
  it('is found by the name that programs know a library by, that of its file, or its path', () => {
    const bySoname = traced('--in=libweigh.so.1', '--not=[.]*,_*,call_weak_fn,*_dummy,*_tm_clones,-');
    expect(bySoname).toMatchObject({ status: 0, stderr: expect.stringMatching(/^everystep: traced \d+ of [\d,]+ instructions/) });
    expect(functionsOf(bySoname.stdout).filter((name) => name === 'heavier').length).toBe(6);
    for (const name of ['libweigh.so.1.2', '*/lib/libweigh.so.*']) expect(executed(traced(`--in=${name}`).stdout).length).toBeGreaterThan(30);
  });

  it('is found by the name of a function', () => {
    expect(functionsOf(traced('--in=heavier,weigh').stdout)).toEqual([...CALLS_OF(2), ...CALLS_OF(3), ...CALLS_OF(1)].filter((n, i, all) => n !== all[i - 1]));
    expect(traced('--in=heavier,nothing').stderr).toContain("everystep: no code that was translated is called 'nothing' (--in or --not)\n");
  });

  // The linker tells no size of entries: all of them were one.
  it('is called by way of an entry of its name', () => {
    const folder = file('entries.uftrace');
    expect(traced('--format=uftrace', '-o', folder).status).toBe(0);
    const symbols = readFileSync(join(folder, 'useWeigh.sym'), 'utf8');
    expect(symbols).toMatch(/ T weigh@plt\n/);
    expect(symbols).toMatch(/ T printf@plt\n/);
  });

  // go tool pprof took the dynamic linker, which runs first, for the program.
  it('is not the first mapping of a profile: that is the program', () => {
    trace('-L', sysroot, '--format=pprof', '-o', file('pprof'), program);
    const fields = fieldsOf(gunzipSync(readFileSync(file('pprof'))));
    const strings = fields.filter(({ field }) => field === 6).map(({ value }) => textOf(value));
    const mappings = fields.filter(({ field }) => field === 3).map(({ value }) => fieldsOf(value as Uint8Array).find(({ field }) => field === 5)?.value);
    const files = mappings.map((name) => strings[Number(name)]);
    expect(files[0]).toBe(program);
    expect(files.length).toBeGreaterThan(2);
  });

  it('is found by a name of C++ as it was written', () => {
    const mangled = file('mangled');
    const source =
      'int f(int, char) __asm__("_ZN2ns1fEic"); __attribute__((noinline)) int f(int a, char b) { return a + b; } int main(int n) { return f(n, 2); }';
    execFileSync(COMPILER, ['-O1', '-static', '-x', 'c', '-', '-o', mangled], { input: source });
    for (const option of ['--symbol=ns::f', '--symbol=ns::f(int, char)', '--in=ns::f(*'])
      expect(trace(option, mangled)).toMatchObject({ status: 3, stderr: expect.stringContaining('traced 2 of ') });
    for (const name of ['ns::f', 'ns::f(int, char),x0=1'])
      expect(executed(trace(`--start=${name}`, '--first=1', mangled).stdout)[0]).toContain('_ZN2ns1fEic+0x0 ');
    expect(trace('--start=ns::f(char)', mangled).stderr).toContain("there is no function 'ns::f(char)' in the program");
  });

  it('has no coverage by lines without line numbers', () => {
    expect(traced('--format=lcov').stderr).toContain('everystep: no code that ran has line numbers: was the program built with -g?\n');
  });

  it('starts and stops a trace', () => {
    const { stdout } = traced('--start=weigh', '--stop=heavier', '--windows=2');
    expect(functionsOf(stdout)).toEqual(['weigh']);
    expect(lines(stdout).filter((line) => line.includes('tracing stops before')).length).toBe(2);
    expect(functionsOf(traced('--start=heavier,count=6', '--first=3').stdout)).toEqual(['heavier']);
  });

  it('says which functions no library has', () => {
    const { status, stdout, stderr } = traced('--start=wiegh');
    expect([status, executed(stdout)]).toEqual([0, []]);
    expect(stderr).toContain("everystep: no file that was mapped has a function 'wiegh' (--start or --stop)\n");
  });

  it('is where the program that is executed then has it', () => {
    const { stdout } = trace('-L', sysroot, '-seed', '1', '--start=weigh', '--stop=heavier', '--level=blocks', program, 'once');
    expect(functionsOf(stdout)).toEqual(['weigh']);
    expect(lines(stdout).filter((line) => line.includes('tracing stops before')).length).toBe(3);
  });
});

it('symbols that have been split off of a program are found by --symbol, live and in a recording', () => {
  const split = file('split');
  execFileSync(COMPILER, ['-O1', '-g', join(sources, 'useWeigh.c'), file('lib/libweigh.so.1.2'), '-Wl,-rpath,$ORIGIN/lib', '-o', split]);
  const tool = (...args: readonly string[]): void => void execFileSync('aarch64-linux-gnu-objcopy', args);
  tool('--only-keep-debug', split, `${split}.debug`);
  tool('--strip-all', split);
  tool(`--add-gnu-debuglink=${split}.debug`, split);
  const whole = executed(traced('--symbol=main').stdout).length;
  expect(whole).toBeGreaterThan(10);
  expect(executed(trace('-L', sysroot, '--symbol=main', split).stdout).length).toBe(whole);
  const recording = file('split.recording');
  expect(run('record', '-L', sysroot, '-o', recording, split).status).toBe(0);
  expect(executed(run('export', recording, '--symbol=main').stdout).length).toBe(whole);
});
