import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { BuiltCommand, qemu } from './command.ts';

// The logs of everystep are QEMU's, byte for byte, but for what only QEMU has: addresses of its host code, the CPU
// model's bits in cs_base, and how it looks for room in the host's address space. Process numbers differ.

let everystep: BuiltCommand;
let folder = '';
let programs = new Map<string, string>();
beforeAll(() => {
  everystep = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'everystep-logs-'));
  programs = new Map(buildPrograms().map(({ name, path }: { name: string; path: string }) => [name, path]));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const program = (name: string): string => {
  const path = programs.get(name);
  if (path === undefined) throw new Error(`no program ${name} in tests/programs`);
  return path;
};

function logs(options: string, name: string): { ours: string[]; theirs: string[] } {
  const args = (file: string): string[] => [...`-cpu cortex-a57 -seed 1 ${options} -D`.split(' '), join(folder, file), program(name)];
  const theirEnd = qemu(args('theirs'));
  const ourEnd = everystep.run(['run', ...args('ours')]);
  expect({ status: ourEnd.status, stdout: ourEnd.stdout }).toEqual({ status: theirEnd.status, stdout: theirEnd.stdout });
  return { ours: readLog('ours'), theirs: readLog('theirs') };
}

function readLog(file: string): string[] {
  const lines = readFileSync(join(folder, file), 'latin1').split('\n');
  return (
    lines
      .filter((line) => !/^(host mmap_min_addr|pgb_|Locating guest address space)/.test(line))
      .map((line) => line.replace(/^\d+ (?=[a-z_0-9]+\(|Unknown)/, 'PID ').replace(/^(PID set_tid_address.*) = \d+$/, '$1 = PID'))
      // QEMU does not have the call.
      .map((line) => line.replace(/^(PID set_robust_list\(.*\)) = .*$/, '$1'))
      .map((line) => line.replace(/^Trace 0: 0x[0-9a-f]{12} \[[0-9a-f]{16}\//, 'Trace 0: HOST [CS_BASE/'))
  );
}

function expectSame({ ours, theirs }: { ours: string[]; theirs: string[] }, atLeast: number): void {
  expect(theirs.length).toBeGreaterThan(atLeast);
  const first = theirs.findIndex((line, i) => line !== ours[i]);
  if (first >= 0) expect(ours.slice(Math.max(0, first - 10), first + 5)).toEqual(theirs.slice(Math.max(0, first - 10), first + 5));
  expect(ours.length).toBe(theirs.length);
}

describe("QEMU's logs", () => {
  it.each(['flags', 'recursion', 'vectors', 'illegal', 'faultRead', 'faultFetch'])('of blocks in %s', (name) => {
    expectSame(logs('-d in_asm,exec,cpu,fpu,nochain', name), 15);
  });

  it.each(['branches', 'computedGoto'])('of single instructions in %s, in order', (name) => {
    expectSame(logs('-singlestep -d nochain,exec,cpu,in_asm', name), 1000);
  });

  it('of the blocks in a range', () => {
    const entry = 0x400000;
    expectSame(logs(`-d in_asm,exec,cpu,nochain -dfilter ${entry}+0x200,0x400400..0x400500`, 'recursion'), 100);
  });

  it.each(['sum', 'printf', 'printfPie'])('of the memory of %s', (name) => {
    expectSame(logs('-d page', name), 20);
  });

  it.each(['brkMmap', 'mprotect', 'malloc', 'printf'])('of the system calls of %s', (name) => {
    expectSame(logs('-strace', name), 15);
  });

  it('of the instructions of a program with glibc', () => {
    expectSame(logs('-d in_asm,nochain', 'sumGlibc'), 1000);
  });
});

describe('logs of our own', () => {
  it('show IR and WebAssembly', () => {
    const { status } = everystep.run(['run', '-d', 'op,op_opt,out_asm', '-D', join(folder, 'own'), program('sum')]);
    expect(status).toBe(0);
    const text = readFileSync(join(folder, 'own'), 'utf8');
    expect(text).toMatch(/^OP:\nblock 0x4[0-9a-f]{5}, \d+ insns, \d+ bytes\n {2}insn 0x4/m);
    expect(text).toMatch(/^OP after optimization:\nblock 0x4/m);
    expect(text).toMatch(/^OUT: \[size=\d+\]\n\(func /m);
  });

  it('go to standard error, in step with the program', () => {
    const { stdout, stderr } = everystep.run(['run', '-d', 'in_asm', program('printf')]);
    expect(stderr).toMatch(/^-{16}\nIN: _start\n/);
    expect(stdout).not.toContain('IN:');
  });

  it('take the process number for %d', () => {
    expect(everystep.run(['run', '-d', 'in_asm', '-D', join(folder, 'log-%d'), program('sum')]).status).toBe(0);
    expect(() => readFileSync(join(folder, 'log-%d'))).toThrow();
  });
});
