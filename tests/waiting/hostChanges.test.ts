import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

let command: BuiltCommand;
let folder = '';
let program = '';
beforeAll(() => {
  command = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'watched-'));
  [{ path: program }] = buildPrograms(join(import.meta.dirname, 'watching'), join(import.meta.dirname, '../../.build/watching'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('inotify tells of what others than guests do', async () => {
  const file = join(folder, 'file');
  const inner = join(folder, 'inner');
  writeFileSync(file, 'text');
  mkdirSync(inner);
  const child = spawn(process.execPath, [command.path, 'run', program, inner, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const says = async (line: string): Promise<void> => {
    while (!output.includes(`${line}\n`)) await once(child.stdout, 'data');
  };
  await says('ready');
  appendFileSync(file, 'more');
  await says('2 2 ');
  chmodSync(file, 0o600);
  await says('2 4 ');
  mkdirSync(join(inner, 'new'));
  await says('1 40000100 new');
  rmSync(join(inner, 'new'), { recursive: true });
  await says('1 40000200 new');
  unlinkSync(file);
  expect((await once(child, 'close'))[0]).toBe(0);
  expect(output).toBe('ready\n2 2 \n2 4 \n1 40000100 new\n1 40000200 new\n2 400 \n2 8000 \n');
});
