import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { BuiltCommand, runProgram } from './command.ts';

let everystep: BuiltCommand;
let folder = '';
let programs = new Map<string, string>();
beforeAll(() => {
  everystep = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'everystep-cli-'));
  programs = new Map(buildPrograms().map(({ name, path }: { name: string; path: string }) => [name, path]));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const program = (name: string): string => programs.get(name) ?? name;

function file(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  chmodSync(path, 0o755);
  return path;
}

describe('everystep', () => {
  it('runs the example', () => {
    expect(everystep.run(['run', 'examples/sum/sum'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('shows its usage', () => {
    expect(everystep.run([])).toMatchObject({ status: 2, stdout: '' });
    expect(everystep.run(['help']).stdout).toMatch(/^usage: everystep COMMAND/);
    expect(everystep.run(['help', 'run']).stdout).toBe(everystep.run(['run', '-h']).stdout);
    expect(everystep.run(['version'])).toEqual({ ...everystep.run(['run', '-version']), stderr: '' });
  });

  it.each([
    [['prog'], "everystep: there is no command 'prog' (everystep help lists them); to run a program: everystep run prog\n"],
    [['run'], 'everystep: no program given (everystep run -h shows how)\n'],
    [['run', '-zz', 'x'], "everystep: unknown option '-zz' (everystep run -h lists the options)\n"],
    [['run', '/no/such/file'], 'everystep: /no/such/file: No such file or directory\n'],
    [['run', '--no-opt=luck', 'examples/sum/sum'], /^everystep: --no-opt: there is no optimisation 'luck'; there are cold-code, shared-code, .*\n$/],
    [['run', '-d', 'in_asm', '-D', '/no/such/log', 'examples/sum/sum'], "everystep: cannot open the log file '/no/such/log': no such file or directory\n"],
  ])('answers %j with one line', (args, message) => {
    const { status, stdout, stderr } = everystep.run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.split('\n').length).toBe(2);
  });

  it.each([
    ['empty', '', 'is empty'],
    ['script', '#!/nowhere/sh\n', 'No such file or directory'],
    ['text', 'hello', 'is not an ELF file'],
  ])('refuses what is no program: %s', (name, contents, message) => {
    const path = file(name, contents);
    expect(everystep.run(['run', path])).toEqual({ status: 2, stdout: '', stderr: `everystep: ${path}: ${message}\n` });
  });

  it('refuses programs of other machines', () => {
    expect(everystep.run(['run', process.execPath]).stderr).toMatch(/^everystep: .* is for .*, not for AArch64.*\n$/);
  });
});

describe("the program's process", () => {
  it('gets its arguments, its environment and argv[0]', () => {
    const source = file(
      'arguments.c',
      `#include <stdio.h>
       extern char **environ;
       int main(int argc, char **argv) {
         for (int i = 0; i < argc; i++) printf("%s\\n", argv[i]);
         for (char **e = environ; *e; e++) printf("%s\\n", *e);
         return 200 + argc;
       }`,
    );
    const path = join(folder, 'arguments');
    runProgram('/bin/sh', ['-c', `aarch64-linux-gnu-gcc -static -o ${path} ${source}`], { PATH: process.env.PATH ?? '' });
    const { status, stdout } = everystep.run(['run', '-0', 'zero', '-E', 'B=2,C=3', '-U', 'GONE', path, '-d', 'ü'], {
      A: '1',
      GONE: 'x',
      EVERYSTEP_SET_ENV: 'B=1',
    });
    const lines = Buffer.from(stdout, 'latin1').toString('utf8').trimEnd().split('\n');
    expect(status).toBe(203);
    expect(lines.slice(0, 3)).toEqual(['zero', '-d', 'ü']);
    expect(lines.slice(3).sort()).toEqual(['A=1', 'B=2', 'C=3', 'EVERYSTEP_SET_ENV=B=1']);
  });
});

describe("the program's death", () => {
  it.each([
    [
      'faultRead',
      139,
      'everystep: uncaught target signal 11 (Segmentation fault)',
      /^everystep: at pc 0x[0-9a-f]+(?: \(\S+\))?, instruction [0-9a-f]{8} \(ldr .*\), address 0x[0-9a-f]+: \S.*$/,
    ],
    [
      'faultFetch',
      139,
      'everystep: uncaught target signal 11 (Segmentation fault)',
      /^everystep: at pc 0x[0-9a-f]+, address 0x[0-9a-f]+: no executable memory here$/,
    ],
    [
      'illegal',
      132,
      'everystep: uncaught target signal 4 (Illegal instruction)',
      /^everystep: at pc 0x[0-9a-f]+, instruction 00000000: undefined instruction 0x00000000$/,
    ],
    [
      'breakpoint',
      133,
      'everystep: uncaught target signal 5 (Trace/breakpoint trap)',
      /^everystep: at pc 0x[0-9a-f]+, instruction d4202460 \(brk #0x123\): brk #0x123$/,
    ],
  ])('by %s', (name, status, first, second) => {
    const end = everystep.run(['run', program(name)]);
    const lines = end.stderr.split('\n');
    expect(end.status).toBe(status);
    expect(lines[0]).toBe(first);
    expect(lines[1]).toMatch(second);
    expect(lines.slice(2)).toEqual(['']);
  });

  it('comes after everything that was logged', () => {
    const { stderr } = everystep.run(['run', '-d', 'in_asm,exec,cpu,nochain', program('illegal')]);
    expect(stderr).toMatch(/Trace 0: [\s\S]*PSTATE=.*\neverystep: uncaught target signal 4 .*\neverystep: at pc .*\n$/);
  });
});

describe('a log that cannot be written', () => {
  it('says why', () => {
    const { status, stderr } = everystep.run(['run', '-d', 'in_asm', '-D', '/dev/full', 'examples/sum/sum']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: "everystep: cannot write the log file '/dev/full': no space left on device\n" });
  });

  it('ends quietly when nobody reads on', () => {
    const shell = `"${process.execPath}" "${everystep.path}" run -singlestep -d nochain,cpu examples/sum/sum 2>&1 | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout } = runProgram('/bin/bash', ['-c', shell], { PATH: process.env.PATH ?? '' });
    expect(stdout.split('\n')).toEqual([expect.stringMatching(/^ PC=/), '141', '']);
  });
});
