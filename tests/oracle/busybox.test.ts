import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../fuzz/random.ts';

const root = join(import.meta.dirname, '../..');
const busybox = join(root, '.build/busybox/busybox');
const everystep = join(root, 'node_modules/.bin/everystep');

let folder = '';
beforeAll(() => {
  expect(existsSync(busybox), 'an arm64 busybox (bash scripts/testTools.sh gets it)').toBe(true);
  folder = mkdtempSync(join(tmpdir(), 'busybox-'));
  const random = new Random(1);
  const word = (): string => Array.from({ length: 1 + random.below(9) }, () => String.fromCharCode(97 + random.below(26))).join('');
  const lines = Array.from({ length: 3000 }, () => `${random.below(100000)} ${word()} ${word()} ${(random.below(100000) / 97).toFixed(3)}`);
  writeFileSync(join(folder, 'lines.txt'), `${lines.join('\n')}\n`);
  writeFileSync(
    join(folder, 'bytes'),
    Uint8Array.from({ length: 200_000 }, () => random.below(256)),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['sha256sum', 'bytes', 'lines.txt'],
  ['awk', '{ sum += $1 * $4; if (length($2) > 7) n++ } END { printf "%.6f %d %s\\n", sum, n, toupper($3) }', 'lines.txt'],
  ['awk', 'BEGIN { for (i = 0; i < 20; i++) print i, sin(i), exp(-i / 3), int(i * 1.7) % 5, substr("everystep", i % 9) }'],
  ['gzip', '-c', 'lines.txt'],
  ['ls', '-l'],
  ['ls', '-la', '/usr/share/doc/base-files'],
  ['sort', '-k2,2', '-k1,1n', 'lines.txt'],
  ['sort', '-n', '-r', 'lines.txt'],
  ['wc', 'lines.txt', 'bytes'],
  ['grep', '-c', '^[0-9]*5 .*a', 'lines.txt'],
  ['sed', 's/\\([0-9]*\\) \\(.*\\)$/\\2|\\1/', 'lines.txt'],
  ['od', '-A', 'x', '-t', 'x1', '-N', '5000', 'bytes'],
  ['md5sum', 'bytes'],
  ['cat', 'no-such-file'],
])('busybox %s gives what it gives under QEMU (%s)', (...args) => {
  const run = (command: string, options: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(command, [...options, busybox, ...args], { cwd: folder, env: { PATH: process.env.PATH, TZ: 'UTC' }, maxBuffer: 1 << 26, input: '' });
  const expected = run('qemu-aarch64', []);
  const actual = run(everystep, ['run']);
  expect(actual.stderr.toString('latin1')).toBe(expected.stderr.toString('latin1'));
  expect(actual.status).toBe(expected.status);
  expect(actual.stdout.toString('latin1')).toBe(expected.stdout.toString('latin1'));
});
