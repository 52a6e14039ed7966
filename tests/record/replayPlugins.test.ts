import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltCommand, type Outcome } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

const root = join(import.meta.dirname, '../..');
const command = new BuiltCommand();
const folder = mkdtempSync(join(tmpdir(), 'replayPlugins-'));
const programs = new Map(
  [...buildPrograms(), ...buildPrograms(join(root, 'tests/debug/programs'), join(root, '.build/debug'))].map(({ name, path }) => [name, path]),
);
const program = (name: string): string => programs.get(name) as string;
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  for (const name of ['threads', 'processes', 'malloc']) command.run(['record', '-seed', '1', '-o', file(name), program(name)]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command with plugins. @returns what they wrote to the log, without numbers of processes, too */
function withPlugins(args: readonly string[], plugins: readonly string[], items = 'plugin,nochain'): Outcome & { readonly log: string } {
  const [name = '', ...rest] = args;
  const outcome = command.run([name, ...plugins.flatMap((plugin) => ['-plugin', plugin]), '-d', items, '-D', file('log'), ...rest]);
  return { ...outcome, log: readFileSync(file('log'), 'utf8') };
}

describe('a plugin sees of a recording what it saw of the run', () => {
  // What has numbers of processes in it differs between two runs.
  it.each([
    ['threads', 'insn', 'traps,kinds=on', 'bb', 'hotpages'],
    ['threads', 'execlog'],
    ['processes', 'insn', 'traps,kinds=on'],
    ['malloc', 'mem,inline=on', 'hotblocks', 'howvec', 'branch', 'cflow', 'cache'],
    ['malloc', 'heap,leaks=all'],
    ['malloc', 'taint,input=argv', 'stoptrigger,icount=20000:7'],
  ])('%s: %s %s', (name, ...plugins) => {
    const live = withPlugins(['run', '-seed', '1', program(name)], plugins);
    const replayed = withPlugins(['replay', file(name)], plugins);
    expect(replayed.log).toBe(live.log);
    expect(replayed.log.length).toBeGreaterThan(0);
    expect(replayed.stdout).toBe(live.stdout);
    expect(replayed.stderr).toMatch(/^everystep: replayed [\d,a-z ]+ instructions: the same as recorded\n$/);
    expect(replayed.status).toBe(plugins.length === 2 && name === 'malloc' ? 7 : 0);
  });

  it.each([
    ['drcov', 'filename', 'file'],
    ['coverage', 'outfile', 'file'],
  ])('in files: %s', (name, option) => {
    withPlugins(['run', '-seed', '1', program('malloc')], [`${name},${option}=${file('live')}`]);
    withPlugins(['replay', file('malloc')], [`${name},${option}=${file('replayed')}`]);
    expect(readFileSync(file('replayed')).equals(readFileSync(file('live')))).toBe(true);
  });

  it.each(['threads', 'processes'])('also one of a file, with system calls, signals and the kernel: %s', (name) => {
    const lines = ['onThreadStart', 'onThreadEnd', 'onProcessStart', 'onProcessEnd', 'onSyscall', 'onSyscallReturn', 'onSignal', 'onHandler', 'onKernelWrite'];
    writeFileSync(
      file('tell.mjs'),
      `const text = (value) => JSON.stringify(value, (key, each) => typeof each === 'bigint' ? String(each) : key === 'pid' || key === 'tid' ? 0 : each);
       export default { apiVersion: 1, name: 'tell', install(api) {
         for (const name of ${JSON.stringify(lines)}) api[name]((...args) => api.output(name + ' ' + api.steps + ' ' + args.map((arg) => arg?.length > 100 ? arg.length : text(arg)).join(' ') + '\\n'));
       } };`,
    );
    // Numbers of threads stand in arguments, results and memory.
    const told = (log: string): string[] => log.split('\n').map((line) => line.replace(/(onSyscallReturn|onSyscall|onKernelWrite) (\d+) .*/, '$1 $2'));
    const live = withPlugins(['run', '-seed', '1', program(name)], [file('tell.mjs')], 'plugin');
    const replayed = withPlugins(['replay', file(name)], [file('tell.mjs')], 'plugin');
    expect(told(replayed.log)).toEqual(told(live.log));
    for (const event of ['onThreadStart', 'onThreadEnd', 'onProcessEnd', 'onSignal', 'onKernelWrite']) expect(replayed.log).toContain(event);
  });
});

describe('of what is no use in a replay, a line says why', () => {
  it.each([
    [['-d', 'exec'], '-d exec: a replay logs nothing of that'],
    [['-plugin', 'nothing'], '-plugin nothing: there is no such plugin'],
    [['-plugin', 'insn,nothing=1'], "plugin insn has no argument 'nothing'"],
    [['--no-opt=nothing'], "--no-opt: there is no optimisation 'nothing'"],
  ])('%j', (options, message) => {
    const { status, stderr } = command.run(['replay', ...options, file('malloc')]);
    expect({ status, lines: stderr.split('\n').length }).toEqual({ status: 2, lines: 2 });
    expect(stderr).toContain(message);
  });

  it('a plugin that changes registers', () => {
    writeFileSync(
      file('change.mjs'),
      `export default { apiVersion: 1, name: 'change', install(api) {
         api.onBlock((block) => block.insns[0].onExec(() => api.writeRegister('x0', 1n)));
       } };`,
    );
    const { status, stderr } = command.run(['replay', '-plugin', file('change.mjs'), file('malloc')]);
    expect(stderr).toContain("plugin 'change' failed in onExec and is switched off");
    expect(stderr).toContain('what has been recorded cannot be changed');
    expect(stderr).toContain('the same as recorded');
    expect(status).toBe(0);
  });
});
