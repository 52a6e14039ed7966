import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, expect, it } from 'vitest';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'everystep-example-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('the example of docs/recordings.md tells who wrote a variable, and the last instructions', async () => {
  const programs = buildPrograms(join(import.meta.dirname, 'programs'), join(root, '.build/recordPrograms'));
  const recording = join(folder, 'recording');
  new BuiltCommand().run(['record', '-o', recording, programs.find(({ name }) => name === 'origins')?.path ?? '']);
  const outfile = join(folder, 'lastWrites.mjs');
  await build({ entryPoints: [join(root, 'examples/timeline/lastWrites.ts')], bundle: true, platform: 'node', format: 'esm', outfile });
  const { stdout, stderr } = spawnSync(process.execPath, [outfile, recording, 'result'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^step \d+: main\+0x[0-9a-f]+ at line 22: 5604000000000000$/);
  expect(lines).toHaveLength(1 + 10);
  // The number of exit.
  expect(lines.some((line) => / x8=0x5[de]$/.test(line))).toBe(true);
});
