import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

const here = join(import.meta.dirname, 'programs');

let command: BuiltCommand;
let folder = '';
const paths = new Map<string, string>();
const servers: Server[] = [];

const listen = (at: string | number): Promise<Server> =>
  new Promise((done) => {
    const server = createServer((socket) => socket.destroy());
    servers.push(server);
    server.listen(at, () => done(server));
  });

beforeAll(() => {
  command = new BuiltCommand();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-')));
  for (const { name, path } of buildPrograms(here, join(import.meta.dirname, '../../.build/sandbox'))) paths.set(name, path);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  for (const server of servers) server.close();
});

/** Runs everystep without keeping this process's servers from answering. */
function run(args: readonly string[], cwd = folder): Promise<{ status: number | null; output: string; errors: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [command.path, 'run', ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { SECRET: 'secret', LANG: 'C' } });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      errors += data;
    });
    child.on('close', (status) => done({ status, output, errors }));
  });
}

/** Puts a link to a folder in the place of another, and that back, as long as it is let. */
const SWAPS = `
const { mkdirSync, renameSync, symlinkSync } = require('node:fs');
const [, box, outside] = process.argv;
mkdirSync(box + '/swapped');
symlinkSync(outside, box + '/aside');
for (;;) {
  renameSync(box + '/swapped', box + '/old');
  renameSync(box + '/aside', box + '/swapped');
  renameSync(box + '/swapped', box + '/aside');
  renameSync(box + '/old', box + '/swapped');
}`;

const program = (name: string): string => paths.get(name) as string;

test('nothing gets out, and what is read-only stays as it is', async () => {
  const [box, ro] = [join(folder, 'box'), join(folder, 'ro')];
  for (const path of [box, ro, join(box, 'folder')]) mkdirSync(path, { recursive: true });
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'secret');
  writeFileSync(join(ro, 'kept'), 'kept');
  symlinkSync(secret, join(box, 'absolute'));
  symlinkSync('../secret', join(box, 'relative'));
  symlinkSync('..', join(box, 'up'));
  symlinkSync('/', join(box, 'root'));
  symlinkSync('/proc', join(box, 'proc'));
  const socket = join(folder, 'socket');
  await listen(socket);
  const { port } = (await listen(0)).address() as { port: number };
  const args = [secret, socket, String(port), String(process.pid)];
  const swapper = spawn(process.execPath, ['-e', SWAPS, box, folder], { stdio: 'ignore' });
  expect(await run(['--sandbox', `--dir=${box}:/box`, `--dir=${ro}:/ro:ro`, program('escapes'), ...args])).toEqual({
    status: 0,
    output: 'done, 0 escapes\n',
    errors: '',
  });
  swapper.kill('SIGKILL');
  expect(readFileSync(secret, 'utf8')).toBe('secret');
  expect(readdirSync(ro)).toEqual(['kept']);
  expect(existsSync(join(folder, 'new'))).toBe(false);
});

test('what is given can be used, at its own place or another', async () => {
  const work = join(folder, 'work');
  mkdirSync(work);
  const { status, output, errors } = await run(['--sandbox', `--dir=${work}`, program('uses'), work], work);
  expect({ status, output, errors }).toEqual({ status: 0, output: `in ${work}\nenvironment: HOME LANG PATH\n`, errors: '' });
  expect(readdirSync(work).sort()).toEqual(['fifo', 'folder', 'link', 'named', 'written']);
  expect(readFileSync(join(work, 'written'), 'utf8')).toBe('written by the guest\n');
});

test('the host as a whole is shown without its kernel and its devices', async () => {
  const files = [
    '/host/etc/passwd',
    '/host/proc/version',
    '/host/proc/self/mem',
    '/host/sys/kernel',
    '/host/dev/null',
    '/dev/null',
    '/etc/passwd',
    '/proc/1/environ',
  ];
  const { output } = await run(['--sandbox', '--dir=/:/host', program('reads'), ...files]);
  expect(output.split('\n')).toEqual([
    'read',
    'Permission denied',
    'Permission denied',
    'Permission denied',
    'Permission denied',
    'read',
    'No such file or directory',
    'No such file or directory',
    '',
  ]);
  expect((await run(['--sandbox', '--dir=/proc:/p', program('reads')])).errors).toMatch(/^everystep: --sandbox: \/proc is no directory of files .*\n$/);
});

test('the guest is told of its own mounts, and which it cannot write', async () => {
  const data = join(folder, 'my data');
  mkdirSync(data);
  writeFileSync(join(data, 'file'), '');
  const { status, output } = await run(['--sandbox', `--dir=${data}:/data:ro`, `--dir=${data}:/with space`, program('views')]);
  expect(status).toBe(0);
  expect(output).not.toContain('my data');
  const lines = output.split('\n');
  const mounts = [/^sandbox \/ \w+ ro,/, /^sandbox \/data \w+ ro,/, /^sandbox \/with\\040space \w+ rw,/, /^tmpfs \/tmp tmpfs rw,/, /^proc \/proc proc rw,/];
  for (const path of ['/proc/mounts', '/proc/self/mounts']) {
    const own = lines.filter((line) => line.startsWith(`${path}: `)).map((line) => line.slice(path.length + 2));
    for (const mount of mounts) expect(own.filter((line) => mount.test(line))).toHaveLength(1);
  }
  expect(lines.filter((line) => line.startsWith('/proc/self/mountinfo: '))).toContainEqual(
    expect.stringMatching(/: \d+ 20 \d+:\d+ \/ \/data ro,relatime - \w+ sandbox ro$/),
  );
  expect(output).toContain('/proc/filesystems: nodev\tproc\n');
  expect(output).toMatch(/\n\/ is read-only\n\/data is read-only\n\/data\/file is read-only\n\/tmp is writable\n1\nMemTotal:\n/);
  for (const name of ['filesystems', 'meminfo', 'mounts', 'self', 'uptime', 'version']) expect(lines).toContain(name);
});

test('the network is there if it is given', async () => {
  const { port } = (await listen(0)).address() as { port: number };
  expect((await run(['--sandbox', '--net', program('connects'), String(port)])).output).toBe('connected\n');
  expect((await run(['--sandbox', program('connects'), String(port)])).output).toBe('Connection refused\n');
});

test.each([
  [['--dir=/tmp'], /^everystep: --dir: without --sandbox .*\n$/],
  [['--net'], /^everystep: --net: without --sandbox .*\n$/],
  [['--sandbox', '--dir=/nowhere/at/all'], /^everystep: --sandbox: cannot open \/nowhere\/at\/all: ENOENT\n$/],
  [['--sandbox', '--dir=/tmp:here'], /^everystep: --dir: 'here' in '\/tmp:here' .*absolute path\n$/],
  [['--sandbox', '--dir=/tmp:/a', '--dir=/usr:/a'], /^everystep: --sandbox: \/a would be both \/tmp and \/usr\n$/],
])('%s is told to be wrong', async (options, message) => {
  const { status, errors } = await run([...options, program('connects')]);
  expect({ status, errors }).toEqual({ status: 2, errors: expect.stringMatching(message) });
});
