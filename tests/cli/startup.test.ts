import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BuiltCommand } from './command.ts';

/** Modules of Node's that take milliseconds to load. */
const SLOW = ['child_process', 'crypto', 'module', 'net', 'tty', 'worker_threads', 'zlib'];

it('loads no module of Node that a small program does not need', () => {
  const folder = mkdtempSync(join(tmpdir(), 'everystep-startup-'));
  const list = join(folder, 'list.cjs');
  writeFileSync(list, "process.on('exit', () => require('node:fs').writeSync(2, JSON.stringify(process.moduleLoadList)));");
  const modules = (...args: string[]): string[] => {
    const { stderr } = spawnSync(process.execPath, ['--require', list, ...args], { encoding: 'utf8' });
    return (JSON.parse(stderr) as string[]).map((name) => name.replace(/^NativeModule /, ''));
  };
  const ofNode = modules('-e', '0');
  const ofRun = modules(new BuiltCommand().path, 'run', 'examples/sum/sum');
  rmSync(folder, { recursive: true });
  expect(SLOW.filter((name) => ofRun.includes(name) && !ofNode.includes(name))).toEqual([]);
});
