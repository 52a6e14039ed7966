import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { growsBeyond } from '../support/growingFiles.ts';
import { runProgram } from './command.ts';
import { executed, lines, placesOf, SUM, useTraceCommand } from './traceCommand.ts';

const everystep = useTraceCommand();
const { run, trace, program, file: fileIn } = everystep;

describe('everystep trace', () => {
  it('writes text to standard output, a summary to standard error, and gives the exit status of the program', () => {
    const { status, stdout, stderr } = trace('--first', '5', program('irreducible'));
    expect(status).toBe(77);
    expect(executed(stdout).length).toBe(5);
    expect(stdout).toMatch(/^ +0 {2}-- at 0x[0-9a-f]+, registers other than 0: sp=0x/m);
    expect(stderr).toMatch(/^everystep: traced 5 of [\d,]+ instructions to standard output, format text\n$/);
  });

  it.each(['text', 'execlog', 'jsonl'])('writes %s from the chunks as directly', (format) => {
    const [chunks, direct] = [fileIn('chunks'), fileIn('direct')];
    expect(trace('--format', 'chunks', '-seed', '1', '-o', chunks, program('printf')).status).toBe(1);
    expect(trace(`--format=${format}`, '-seed', '1', '-o', direct, program('printf')).status).toBe(1);
    // The process number is another each time.
    const withoutPid = (text: string): string => text.replace(/syscall (172|178).*|(?<=syscall returns ).*/g, '');
    const exported = run('export', chunks, '--format', format);
    expect([exported.status, exported.stderr]).toEqual([0, '']);
    expect(lines(withoutPid(exported.stdout)).length).toBe(lines(withoutPid(readFileSync(direct, 'utf8'))).length);
  });

  it('follows threads, processes and signal handlers', () => {
    const built = buildPrograms(join(import.meta.dirname, 'programs'), '.build/trace-programs');
    const { path } = built.find(({ name }) => name === 'manyThreads') ?? { path: '' };
    const file = fileIn('threads');
    expect(trace('--format', 'chunks', '-o', file, path)).toMatchObject({ status: 0, stdout: '10 435 5 7\n', stderr: expect.stringContaining('traced all') });
    expect(run('export', '--check', file)).toMatchObject({ status: 0, stdout: expect.stringMatching(/ no problems\n$/) });
    const { stdout } = run('export', '--format', 'text', file);
    const switches = [...stdout.matchAll(/-- thread (\d+) of process (\d+) goes on/g)].map(([, thread, process]) => `${thread} ${process}`);
    expect(new Set(switches).size).toBe(3);
    // The part that is shown begins with the thread, whatever is left out before.
    const [thread, start] = [/^ *\d+ {2}-- thread \d+ of process \d+ goes on$/, /^ *\d+ {2}-- at 0x/].map((pattern) => expect.stringMatching(pattern));
    expect(
      lines(trace('--last=3', path).stdout)
        .filter((line) => line.includes('--'))
        .slice(0, 2),
    ).toEqual([thread, start]);
    const after = /^ *(\d+) {2}-- thread .*\n.*\n.*\n *\d+ {2}0x/gm;
    const steps = [...stdout.matchAll(after)].map(([, step]) => step);
    expect(steps.length).toBeGreaterThan(1);
    for (const step of steps) expect(lines(run('export', file, `--from=${step}`, '--first=2').stdout).slice(0, 2)).toEqual([thread, start]);
  });

  it('holds every instruction, once', () => {
    const file = fileIn('sum');
    expect(trace('--format', 'chunks', '-o', file, SUM)).toMatchObject({ status: 0, stderr: expect.stringContaining('traced all 12,000,015 instructions') });
    expect(run('export', '--check', file)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/12,000,015 instructions, .* no problems\n$/),
    });
  });

  it('has the same values whatever the engine does', () => {
    const checked = [[], ['-singlestep'], ['--no-opt=regions']].map((options) => {
      const file = fileIn('checked');
      trace('--format', 'chunks', '-seed', '1', ...options, '-o', file, program('irreducible'));
      return run('export', '--check', file).stdout;
    });
    expect(checked[0]).toMatch(/2,440 instructions, hash of the values [0-9a-f]{16}, no problems\n$/);
    expect(checked).toEqual([checked[0], checked[0], checked[0]]);
  });

  it.each(['printfPie', 'malloc', 'longjmp', 'neonStrings', 'syscalls', 'mprotect', 'selfModifying', 'sha256', 'atomics', 'faultWrite', 'breakpoint'])(
    'checks: %s',
    (name) => {
      const file = fileIn('one');
      trace('--format=chunks', '-o', file, program(name));
      expect(run('export', '--check', file).stdout).toMatch(/no problems\n$/);
    },
  );

  it('counts and drops with format none', () => {
    expect(trace('--format', 'none', SUM)).toEqual({
      status: 0,
      stdout: '',
      stderr: 'everystep: traced all 12,000,015 instructions to nothing, format none\n',
    });
  });

  it('shows the options', () => {
    expect(trace('-h')).toMatchObject({ status: 0, stdout: expect.stringContaining('--symbol=name[,...]') });
    expect(run('export', '-h')).toMatchObject({ status: 0, stdout: expect.stringContaining('--check') });
  });

  it.each([
    [['trace'], 'everystep: no program given (everystep trace -h shows how)\n'],
    [['trace', '--format=xml', SUM], /^everystep: --format: unknown trace format 'xml' \(there are text, execlog, jsonl, .*, chunks, none\)\n$/],
    [['trace', '--symbol=mian', SUM], /^everystep: --symbol: there is no symbol 'mian' in examples\/sum\/sum\n$/],
    [['trace', '--symbol=ai', SUM], "everystep: --symbol: there is no symbol 'ai' in examples/sum/sum; there is main\n"],
    [['trace', '--from=9', '--to=9', SUM], 'everystep: nothing to trace: step 9 (--from) is not before step 9 (--to)\n'],
    [['trace', '--first=0', SUM], 'everystep: --first: give a number above 0\n'],
    [['trace', '--range=5', SUM], /^everystep: --range: '5' is no address range/],
    [['trace', '-o', '/no/such/file', SUM], "everystep: cannot write '/no/such/file': no such file or directory\n"],
    [['export'], 'everystep: no trace file given (everystep export -h shows how)\n'],
    [['export', '/no/such/file'], 'everystep: /no/such/file: no such file or directory\n'],
    [['export', SUM], 'everystep: examples/sum/sum: this is not an everystep trace file (everystep trace writes them)\n'],
    [['export', SUM, SUM], "everystep: one trace file at a time: 'examples/sum/sum' is one too many\n"],
  ])('answers %j with one line', (args, message) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(lines(stderr).length).toBe(1);
  });
});

describe('filters', () => {
  const whole = (): string[] => placesOf(trace(program('irreducible')).stdout);

  it('of steps', () => {
    const all = whole();
    expect(placesOf(trace('--from', '100', '--to=2_000', program('irreducible')).stdout)).toEqual(all.slice(100, 2000));
    expect(placesOf(trace('--from=7', '--first=30', program('irreducible')).stdout)).toEqual(all.slice(7, 37));
    const late = trace('--from=1000000', program('irreducible'));
    expect(late).toMatchObject({ status: 77, stdout: 'looped\n', stderr: expect.stringContaining('traced 0 of') });
  });

  it('of addresses', () => {
    const all = whole();
    const inRange = all.filter((place) => {
      const address = Number(place.split(' ')[1]);
      return (address >= 0x400100 && address <= 0x40010c) || address === 0x400130;
    });
    expect(inRange.length).toBeGreaterThan(10);
    expect(placesOf(trace('--range=0x400100..0x40010c', '--range=0x400130+4', program('irreducible')).stdout)).toEqual(inRange);
    expect(placesOf(trace('--range=0x400100+16,0x400130+4', '--first=9', program('irreducible')).stdout)).toEqual(inRange.slice(0, 9));
    const from = Number(inRange[5].split(' ')[0]);
    expect(placesOf(trace('--range=0x400100+16,0x400130+4', `--from=${from}`, `--to=${from + 100}`, program('irreducible')).stdout)).toEqual(
      inRange.filter((place) => Number(place.split(' ')[0]) >= from && Number(place.split(' ')[0]) < from + 100),
    );
  });

  it('of functions, with all values', () => {
    const all = executed(trace('-seed', '1', program('qsort')).stdout).filter((line) => / main\+0x/.test(line));
    expect(executed(trace('-seed', '1', '--symbol=main', program('qsort')).stdout)).toEqual(all);
  });
});

describe('what is wanted', () => {
  const BRANCH = / (b|bl|br|blr|ret|b\.\w+|cbn?z|tbn?z)( |$)/;
  /** Instructions of text. Some of longjmp's handle the number of the process, which is another each time. */
  const insnsOf = (text: string): string[] => executed(text).map((line) => line.trim().replace(/\s+/g, ' '));
  const places = (insns: readonly string[]): string[] => insns.map((line) => line.split(' ').slice(0, 2).join(' '));
  const all = (): string[] => insnsOf(trace('-seed', '1', program('longjmp')).stdout);

  it('counts without a trace', () => {
    expect(trace('--level=count', SUM).stderr).toBe('everystep: counted 12,000,015 of 12,000,015 instructions\n');
    const [, counted] = /counted ([\d,]+) of/.exec(trace('--level=count', '-seed', '1', '--class=branch', program('longjmp')).stderr) ?? [];
    expect(Number(counted.replaceAll(',', ''))).toBe(all().filter((line) => BRANCH.test(line)).length);
  });

  it('tells which instructions ran, without values', () => {
    const blocks = insnsOf(trace('-seed', '1', '--level=blocks', program('longjmp')).stdout);
    expect(places(blocks)).toEqual(places(all()));
    expect(blocks.some((line) => line.includes('->'))).toBe(false);
  });

  it.each(['irreducible', 'sha256'])('works out all values from what was loaded (%s)', (name) => {
    const file = fileIn('loads');
    trace('--level=loads', '--format=chunks', '-seed', '1', '-o', file, program(name));
    const size = statSync(file).size;
    const loads = run('export', '--check', file).stdout;
    trace('--format=chunks', '-seed', '1', '-o', file, program(name));
    expect(run('export', '--check', file).stdout).toBe(loads);
    expect(statSync(file).size).toBeGreaterThan(size);
    expect(run('export', '--format=none', file).stdout).toBe('');
    expect(executed(trace('--level=loads', program('neonStrings'), '-seed', '1').stdout).length).toBeGreaterThan(1000);
  });

  it.each<[string[], RegExp]>([
    [['--in=main'], / main\+0x/],
    [['--insn=ldr*,B.*'], / (ldr\w*|b\.\w+) /],
    [['--class=branch', '--not=main'], /^(?!.* main\+0x).* (b|bl|br|blr|ret|b\.\w+|cbn?z|tbn?z)( |$)/],
  ])('%j', (options, wanted) => {
    const expected = places(all().filter((line) => wanted.test(line)));
    expect(expected.length).toBeGreaterThan(10);
    expect(places(insnsOf(trace('-seed', '1', ...options, program('longjmp')).stdout))).toEqual(expected);
  });

  it('keeps chosen registers', () => {
    const lines = insnsOf(trace('-seed', '1', '--in=main', '--only-reg=sp,x29', program('longjmp')).stdout);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.some((line) => / sp=0x55\w+ -> x29=0x55/.test(line))).toBe(true);
    expect(lines.some((line) => / x[01]=|load|store/.test(line))).toBe(false);
  });

  it('looks at the addresses of data', () => {
    const whole = insnsOf(trace(program('sha256')).stdout);
    const symbols = execFileSync('aarch64-linux-gnu-nm', [program('sha256')], { encoding: 'utf8' });
    const start = Number(`0x${/^(\w+) . hash$/m.exec(symbols)?.[1]}`);
    const accesses = (line: string): boolean =>
      [...line.matchAll(/(?:load|store)(\d+) \[(0x\w+)\]/g)].some(([, bytes, at]) => Number(at) < start + 32 && Number(at) + Number(bytes) > start);
    const expected = whole.filter(accesses);
    expect(expected.length).toBeGreaterThan(10);
    const [byName, chunks] = [trace('--data=hash', program('sha256')), fileIn('data')];
    expect(insnsOf(byName.stdout)).toEqual(expected);
    expect(insnsOf(trace(`--data=0x${start.toString(16)}+32`, '--first=7', program('sha256')).stdout)).toEqual(expected.slice(0, 7));
    trace('--data=hash', '--format=chunks', '-o', chunks, program('sha256'));
    expect(run('check-trace', chunks).stdout).toContain(`: ${expected.length} instructions, `);
    expect(insnsOf(run('export', chunks).stdout)).toEqual(expected);
  });

  it('leaves a trace that holds together whatever is left out', () => {
    for (const options of [['--class=branch'], ['--insn=ldr*', '--not=main'], ['--in=main', '--level=blocks']]) {
      trace('--format=chunks', '-o', fileIn('partial'), ...options, program('longjmp'));
      expect(run('check-trace', fileIn('partial'))).toMatchObject({ status: 0, stdout: expect.stringMatching(/ no problems\n$/) });
    }
  });

  it('starts and stops at triggers', () => {
    const insns = all();
    const entry = insns.findIndex((line) => line.includes(' main+0x0 '));
    const whole = places(insns);
    expect(places(insnsOf(trace('-seed', '1', '--start=main', '--first=20', program('longjmp')).stdout))).toEqual(whole.slice(entry, entry + 20));
    expect(places(insnsOf(trace('-seed', '1', '--stop=main', program('longjmp')).stdout))).toEqual(whole.slice(0, entry));
    const stretches = trace('-seed', '1', '--start=syscall=brk', '--stop=syscall=brk', '--windows=1', '--level=blocks', program('longjmp')).stdout;
    const calls = lines(stretches).filter((line) => line.includes('syscall 214 '));
    expect(calls.length).toBe(1);
  });

  it('starts and stops at steps', () => {
    const whole = places(all());
    const between = trace('-seed', '1', '--start=step=100', '--stop=step=1_20', '--start=step=150', '--stop=step=160', program('longjmp'));
    expect(places(insnsOf(between.stdout))).toEqual([...whole.slice(100, 120), ...whole.slice(150, 160)]);
    const fromStart = trace('-seed', '1', '--start=step=0', '--stop=0x4000d0,count=2', SUM);
    expect(fromStart.stderr).toMatch(/^everystep: traced 26 of 12,000,015 /);
  });

  // Triggers at system calls fired before --from, and the trace then began there.
  it('does not look at triggers before --from', () => {
    const first = (...options: string[]): number =>
      Number(/\d+/.exec(insnsOf(trace('-seed', '1', '--start=syscall=brk', '--first=1', ...options, program('longjmp')).stdout)[0] ?? '')?.[0]);
    const start = first();
    expect(first(`--from=${start + 1}`)).toBeGreaterThan(start + 1);
  });

  it.each([
    [['--insn=frob*'], "no instruction 'frob*' was translated where it is wanted (--insn)"],
    [['--in=nosuch'], "no code that was translated is called 'nosuch' (--in or --not)"],
    [['--process=cc1'], "no process had a program called 'cc1' (--process)"],
    [['--thread=9'], 'no thread 9 ran, of 1 (--thread)'],
    [['--start=syscall=openat'], "'syscall=openat' never came: tracing never began (--start)"],
    [['--stop=_start,x0=77', '--first=1'], "'_start,x0=77' never came: tracing went on to the end (--stop)"],
  ])('says of %j that it never came', (options, message) => {
    expect(trace('--format=none', ...options, SUM)).toMatchObject({ status: 0, stderr: expect.stringContaining(`\neverystep: ${message}\n`) });
  });

  // The stop was taken for one within a block that has a record, of which there is none.
  it('stops within a block of which nothing is wanted', () => {
    const stopped = trace('--range=0x4000b0..0x4000b0', '--stop=0x4000d0,count=3', SUM);
    expect(stopped).toMatchObject({ status: 0, stderr: expect.stringContaining('traced 1 of 12,000,015 instructions') });
    const counted = trace('--level=count', '--range=0x4000c0..0x4000c0', '--stop=0x4000d8,count=500000', SUM);
    expect(counted.stderr).toBe('everystep: counted 500,000 of 12,000,015 instructions\n');
  });

  it('leaves an old trace as it is where options are wrong', () => {
    const old = fileIn('old');
    writeFileSync(old, 'old');
    for (const wrong of [['--start=nosuch'], ['-plugin', 'cache,nosuch=1'], ['--symbol=nosuch']]) expect(trace('-o', old, ...wrong, SUM).status).toBe(2);
    expect(readFileSync(old, 'utf8')).toBe('old');
  });

  it('keeps the last instructions before a crash', () => {
    const whole = insnsOf(trace(program('faultWrite')).stdout);
    const last = trace('--last=1', program('faultWrite'));
    expect(insnsOf(last.stdout)).toEqual(whole.slice(-1));
    expect(last.stdout).toMatch(/-- signal 11/);
    const lastOfSum = trace('--last=1000', SUM).stdout;
    expect(executed(lastOfSum).length).toBe(1000);
    expect(lines(lastOfSum).at(-1)).toMatch(/12000015 {2}-- exit 0$/);
  });

  it('keeps the last instructions for formats that look at whole blocks', () => {
    const stacks = lines(trace('--last=1000', '--format=folded', SUM).stdout);
    const insns = stacks.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    // The first block is there as a whole.
    expect(insns).toBeGreaterThanOrEqual(1000);
    expect(insns).toBeLessThan(1020);
  });

  it('bounds the size of its output', () => {
    const file = fileIn('bounded');
    const { status, stderr } = trace('--format=chunks', '--max-size=20K', '-o', file, SUM);
    expect([status, stderr]).toEqual([0, `everystep: traced the run until ${file} had reached --max-size, format chunks\n`]);
    expect(statSync(file).size).toBeLessThanOrEqual(20 << 10);
    expect(run('export', '--check', file)).toMatchObject({ status: 0, stderr: '' });
    const text = trace('--max-size=1000', SUM).stdout;
    expect(text.length).toBeLessThanOrEqual(1000);
    expect(text.endsWith('\n')).toBe(true);
  });

  // With less than some megabytes tracing stopped, as there was no key to begin at.
  it.each(['64K', '256K', '1M', '4M'])('drops what is oldest instead, where that is asked for (%s)', (size) => {
    const file = fileIn('newest');
    const most = size.endsWith('K') ? Number.parseInt(size, 10) << 10 : Number.parseInt(size, 10) << 20;
    const options = [`--max-size=${size}`, '--on-full=drop-oldest', `--max-steps=${most * 20}`];
    const { stderr } = trace('--format=chunks', ...options, '-o', file, noisy());
    const [, insns] = /traced ([\d,]+) of [\d,]+ instructions/.exec(stderr) ?? [];
    expect(statSync(file).size).toBeLessThanOrEqual(most);
    expect(statSync(file).size).toBeGreaterThan(most * 0.6);
    expect(existsSync(`${file}.part`)).toBe(false);
    const checked = run('check-trace', file);
    expect(checked).toMatchObject({ status: 0, stderr: '' });
    expect(checked.stdout).toContain(`: ${insns} instructions, hash`);
    expect(executed(run('export', file, `--from=${most * 20 - 1}`).stdout).at(-1)).toMatch(new RegExp(`^ *${most * 20 - 1}  0x`));
  });

  it('drops what is oldest of a trace of some instructions, too', () => {
    const file = fileIn('newest of some');
    trace('--format=chunks', '--max-size=64K', '--on-full=drop-oldest', '--class=load,store', '-o', file, SUM);
    expect(statSync(file).size).toBeLessThanOrEqual(64 << 10);
    expect(statSync(file).size).toBeGreaterThan(40 << 10);
    expect(run('check-trace', file)).toMatchObject({ status: 0, stderr: '' });
    expect(Number(executed(run('export', file).stdout).at(-1)?.trim().split(' ')[0])).toBeGreaterThan(11_999_000);
  });

  it.each([
    [['--on-full=drop-oldest', '--max-size=1M', SUM], /^everystep: --on-full=drop-oldest is for --format=chunks in a file/],
    [
      ['--on-full=drop-oldest', '--format=chunks', '--max-size=63K', SUM],
      /^everystep: --on-full=drop-oldest: --max-size=64512 is too small .* give at least 64K$/m,
    ],
    [['--on-full=drop-oldest', '--format=chunks', SUM], /^everystep: --on-full=drop-oldest: say with --max-size how large/],
    [['--level=much', SUM], "everystep: --level: 'much' is no level: there are count, blocks, loads, values\n"],
    [['--class=jump', SUM], /^everystep: --class: 'jump' is no class of instructions: there are branch, load, /],
    [['--start=mian', SUM], "everystep: --start: there is no function 'mian' in the program (in the trigger 'mian'); give an address\n"],
    [['--only-reg=x0,y0', SUM], "everystep: there is no register 'y0' whose values could be kept; gdb's names are meant (x0, sp, cpsr, v0)\n"],
    [['--stop=main,y0=1', SUM], "everystep: --stop: there is no register 'y0' (in the trigger 'main,y0=1')\n"],
    [['--start=syscall=opnat', SUM], "everystep: --start: there is no system call 'opnat' (in the trigger 'syscall=opnat')\n"],
    [['--start=step=x', SUM], "everystep: --start: 'x' is no number of instructions\n"],
    [['--stop=plugin=', SUM], /^everystep: --stop: plugin= in the trigger 'plugin='/],
    [['--stop=signal=99', SUM], "everystep: --stop: there is no signal '99'\n"],
    [['--nested', '--stop=main', SUM], /^everystep: --nested is about pairs of triggers/],
    [['--windows=2', SUM], /^everystep: --windows counts stretches that --start begins/],
    [['--reg=x0', SUM], /^everystep: --reg is for --format=execlog and vcd, not text/],
    [['--reg=z0', '--format=vcd', SUM], /^everystep: --reg: there is no register 'z0'/],
    [['--interval=5', SUM], /^everystep: --interval is for --format=bbv/],
    [['--log-items=exec', SUM], /^everystep: --log-items is for --format=qemu/],
    [['--level=loads', '--data=0x1000+8', SUM], /^everystep: --data: --level loads does not look at addresses; use blocks or values/],
    [['--data=hsh', SUM], /^everystep: --data: there is no symbol 'hsh' in examples/],
    [['--thread=0', SUM], /^everystep: --thread: '0' is no thread/],
    [['--max-size=1M', '--format=perfetto', SUM], /^everystep: --max-size: what there is of format perfetto cannot be read/],
  ])('%j is answered with one line', (args, message) => {
    const { status, stderr } = trace(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(lines(stderr).length).toBe(1);
  });
});

/** Makes a program that runs on and on, and whose numbers do not follow from each other. */
function noisy(): string {
  const file = fileIn('noisy');
  const source = '_start: mov x1, #1\n ldr x2, =6364136223846793005\n1: mul x1, x1, x2\n add x1, x1, #1\n str x1, [sp, #-16]\n ldr w3, [sp, #-12]\n b 1b\n';
  execFileSync('aarch64-linux-gnu-gcc', ['-nostdlib', '-static', '-x', 'assembler', '-o', file, '-'], { input: `.globl _start\n${source}` });
  return file;
}

describe('a trace that cannot be finished', () => {
  const buildForever = (): string => {
    const forever = fileIn('forever');
    execFileSync('aarch64-linux-gnu-gcc', ['-nostdlib', '-static', '-x', 'assembler', '-o', forever, '-'], {
      input: '.globl _start\n_start: add x0, x0, #1\n b _start\n',
    });
    return forever;
  };

  it('is readable as far as it goes after kill -9', async () => {
    const file = fileIn('killed');
    const child = spawn(process.execPath, [everystep.path, 'trace', '--format', 'chunks', '-o', file, buildForever()], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));
    await growsBeyond(20_000, file, child);
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    const { status, stdout, stderr } = run('export', '--check', file);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/ no problems\n$/)]);
    // Where that falls between two frames, there is no end mark; else the last one is cut off.
    expect(stderr).toMatch(/the trace file is incomplete: (it has no end mark|its last \d+ bytes are part of a frame)/);
  });

  it('ends when nobody reads it', () => {
    const command = 'set -o pipefail; "$1" "$2" trace "$3" | head -n 3; echo "$?"';
    const { stdout, stderr } = runProgram('bash', ['--norc', '-c', command, 'bash', process.execPath, everystep.path, SUM], { PATH: process.env.PATH ?? '' });
    expect(lines(stdout).length).toBe(4);
    expect(lines(stdout)[3]).toBe('141');
    expect(stderr).not.toContain('everystep');
  });

  it.each(['text', 'chunks'])('says so when the disk is full (%s)', (format) => {
    const { status, stderr } = trace('--format', format, '-o', '/dev/full', SUM);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^everystep: cannot write \/dev\/full: no space left on device; what has been written can be read\n$/);
  });

  // The guest waited for the worker for ever.
  it.each([
    [
      'ends',
      'process.exit(4)',
      1,
      /^everystep: cannot write \S+: the worker that writes it ended early, with exit code 4; what has been written can be read\n$/,
    ],
    ['throws', 'throw new Error("of ours")', 70, /^everystep: this is a bug in everystep[\s\S]*\nError: in the trace worker: Error: of ours\n/],
  ])('is readable as far as it goes where the worker %s', (_, does, status, message) => {
    const [command, file] = [fileIn(`broken-${status}`), fileIn(`broken-${status}.trace`)];
    for (const folder of ['bin', 'dist']) cpSync(join(everystep.path, '../..', folder), join(command, folder), { recursive: true });
    const worker = join(command, 'dist/drainWorker.cjs');
    renameSync(worker, `${worker}.real`);
    // The worker comes to its end when it has given back some chunks.
    const script = `const { notify } = Atomics; let chunks = 0; Atomics.notify = (...args) => { if (++chunks > 3) ${does}; return notify(...args); };`;
    writeFileSync(worker, `{ ${script} }\nrequire('./drainWorker.cjs.real');\n`);
    const broken = runProgram(process.execPath, [join(command, 'bin/everystep.cjs'), 'trace', '--format=chunks', '-o', file, buildForever()]);
    expect(broken).toMatchObject({ status, stderr: expect.stringMatching(message) });
    expect(run('check-trace', file)).toMatchObject({ status: 0, stdout: expect.stringMatching(/ no problems\n$/) });
    rmSync(worker);
    const gone = runProgram(process.execPath, [join(command, 'bin/everystep.cjs'), 'trace', '--format=chunks', '-o', file, buildForever()]);
    expect(gone).toMatchObject({ status: 2, stderr: expect.stringMatching(/drainWorker\.cjs is not there, which writes traces: install everystep again\n$/) });
  });

  it('is readable as far as it goes after ^C, which also ends the program', async () => {
    const file = fileIn('interrupted');
    const forever = buildForever();
    const child = spawn(process.execPath, [everystep.path, 'trace', '--format', 'chunks', '-o', file, forever], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    const header = await growsBeyond(0, file, child);
    await growsBeyond(header, file, child);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    const [, insns] = /traced all ([\d,]+) instructions/.exec(stderr) ?? [];
    const checked = run('export', '--check', file);
    expect(checked).toMatchObject({ status: 0, stderr: '' });
    expect(checked.stdout).toContain(`${insns} instructions, hash`);
  });

  it('says so when somebody removes the file', async () => {
    const [file, reader] = [fileIn('removed'), fileIn('reader')];
    // Ends when its input does.
    const source = '_start: mov x0, #0\n mov x1, sp\n mov x2, #8\n mov x8, #63\n svc #0\n cbnz x0, _start\n mov x8, #93\n svc #0\n';
    execFileSync('aarch64-linux-gnu-gcc', ['-nostdlib', '-static', '-x', 'assembler', '-o', reader, '-'], { input: `.globl _start\n${source}` });
    const child = spawn(process.execPath, [everystep.path, 'trace', '--format=chunks', '-o', file, reader], { stdio: ['pipe', 'ignore', 'pipe'] });
    const ended = new Promise((resolve) => child.on('close', resolve));
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    await growsBeyond(0, file, child);
    rmSync(file);
    child.stdin.end();
    expect(await ended).toBe(1);
    expect(stderr).toBe(`everystep: cannot write ${file}: somebody has removed it meanwhile\n`);
  });

  // Node tells of signals when its event loop turns, which it does not while the guest waits for the trace to be written.
  it('ends by ^C where nobody reads what is written', async () => {
    const pipe = fileIn('pipe');
    execFileSync('mkfifo', [pipe]);
    const idle = spawn('sh', ['-c', 'exec sleep 300 <"$1"', 'sh', pipe], { stdio: 'ignore' });
    const child = spawn(process.execPath, [everystep.path, 'trace', '-o', pipe, buildForever()], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));
    const timer = setInterval(() => child.kill('SIGINT'), 1000);
    expect(await ended).toBe('SIGINT');
    clearInterval(timer);
    idle.kill();
  });

  /** The beginning of a program: it writes a byte. */
  const SAYS_SO = '.globl _start\n_start: mov x0, #1\n mov x1, sp\n mov x2, #1\n mov x8, #64\n svc #0\n';
  const INSNS_TO_SAY_SO = 5;

  /** Ends everystep by a signal, when the program has said that it has begun, and has had time to wait. @returns the exit status */
  async function endedBy(signal: NodeJS.Signals, child: ChildProcess): Promise<unknown> {
    const end = new Promise((resolve) => child.on('exit', resolve));
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), end]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill(signal);
    return end;
  }

  it('is whole when ^C comes while the program waits for input', async () => {
    const [file, cat] = [fileIn('waiting'), fileIn('cat')];
    const source = `${SAYS_SO} 1: mov x0, #0\n mov x1, sp\n mov x2, #8\n mov x8, #63\n svc #0\n b 1b\n`;
    execFileSync('aarch64-linux-gnu-gcc', ['-nostdlib', '-static', '-x', 'assembler', '-o', cat, '-'], { input: source });
    const child = spawn(process.execPath, [everystep.path, 'trace', '-o', file, cat], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.write('some data');
    expect(await endedBy('SIGINT', child)).toBe(130);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/\d+ {2}-- syscall 63 read\(0x0, 0x[0-9a-f]+, 0x8, .*\)\n +\d+ {2}-- tracing stops before 0x[0-9a-f]+\n$/);
    expect((executed(text).length - INSNS_TO_SAY_SO) % 6).toBe(5);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('is whole after %s while the program sleeps', async (signal, status) => {
    const [file, sleeper] = [fileIn(`sleeping ${signal}`), fileIn('sleeper')];
    const source = `${SAYS_SO} mov x0, #1000\n str x0, [sp, #-16]!\n str xzr, [sp, #8]\n mov x0, sp\n mov x1, #0\n mov x8, #101\n svc #0\n`;
    execFileSync('aarch64-linux-gnu-gcc', ['-nostdlib', '-static', '-x', 'assembler', '-o', sleeper, '-'], { input: source });
    const child = spawn(process.execPath, [everystep.path, 'trace', '--format=chunks', '-o', file, sleeper], { stdio: ['ignore', 'pipe', 'ignore'] });
    expect(await endedBy(signal, child)).toBe(status);
    expect(run('export', '--check', file)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(new RegExp(`: ${INSNS_TO_SAY_SO + 7} instructions, .* no problems\\n$`)),
      stderr: '',
    });
  });

  it('is read up to the last whole chunk where it is cut off', () => {
    const file = fileIn('cut');
    trace('--format', 'chunks', '-o', file, SUM);
    truncateSync(file, Math.floor(statSync(file).size / 2));
    const checked = run('export', '--check', file);
    expect(checked.status).toBe(0);
    expect(checked.stdout).toMatch(/ [\d,]{9} instructions, .* no problems\n$/);
    expect(checked.stderr).toMatch(/the trace file is incomplete: its last \d+ bytes are part of a frame and were left out\n$/);
  });

  it('is refused where it is damaged', () => {
    const file = fileIn('damaged');
    trace('--format', 'chunks', '-o', file, program('irreducible'));
    const bytes = readFileSync(file);
    const end = bytes.length - 56;
    bytes.fill(0xee, end, end + 6);
    writeFileSync(file, bytes);
    const { status, stderr } = run('export', file, '-o', fileIn('out'));
    expect([status, stderr]).toEqual([2, `everystep: ${file}: the trace file is damaged: there is no frame at byte ${end}, where one should be\n`]);
  });
});

describe('execlog', () => {
  it('shows the registers of a list', () => {
    const shown = (...options: readonly string[]) => trace('-seed', '1', '--format=execlog', '--first=30', ...options, SUM).stdout;
    expect(shown('--reg=x2*,x0,sp')).toBe(shown('--reg=x0', '--reg=sp', '--reg=x2*'));
    expect(shown('--reg=x0,sp')).toContain(', x0 -> 0x');
    expect(shown('--reg=x0,sp')).toContain(', sp -> 0x');
  });

  let plugin = '';
  beforeAll(() => {
    plugin = fileIn('insnlog.so');
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-fvisibility=hidden', '-o', plugin, join(import.meta.dirname, 'insnlog.c')]);
  });

  it.each(['printfPie', 'neonStrings', 'atomics', 'unaligned', 'addressing', 'faultRead', 'illegal', 'breakpoint', 'selfModifying', 'vectors'])(
    'shows what a plugin of qemu-aarch64 sees: %s',
    (name) => {
      const [ours, theirs] = [fileIn('ours'), fileIn('theirs')];
      const options = ['-cpu', 'cortex-a57', '-seed', '1'];
      spawnSync('qemu-aarch64', [...options, '-plugin', `${plugin},out=${theirs}`, program(name)], { env: {} });
      expect(trace(...options, '--format=execlog', '-o', ours, program(name)).stderr).toContain('everystep: traced all');
      const [got, expected] = [lines(readFileSync(ours, 'utf8')), lines(readFileSync(theirs, 'utf8'))];
      const different = expected.findIndex((line, i) => line !== got[i]);
      expect(got[different], `line ${different + 1}`).toBe(expected[different]);
      expect(got.length).toBe(expected.length);
    },
  );
});
