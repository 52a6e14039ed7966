import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

let command: BuiltCommand;
let folder = '';
const paths = new Map<string, string>();
beforeAll(() => {
  command = new BuiltCommand();
  // For the other user.
  chmodSync(dirname(dirname(command.path)), 0o755);
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-owned-')));
  for (const { name, path } of buildPrograms(join(import.meta.dirname, 'programs'), join(import.meta.dirname, '../../.build/sandbox'))) paths.set(name, path);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const OUTPUT = `chmod: Read-only file system
chown: Read-only file system
utimes: Read-only file system
chmod by a link: Read-only file system
write: done
fchmod: Read-only file system
truncate: Read-only file system
truncate a FIFO: Invalid argument
close a folder: done
deep folders: done
`;

/** Somebody who is not root, whom directories without permissions keep out; root itself if tests are not run by root. */
const NOBODY = 65534;
const users = process.getuid?.() === 0 ? [0, NOBODY] : [process.getuid?.() ?? 0];

test.each(users)('the host keeps its devices, and no rubbish (user %i)', (uid) => {
  const [box, temporary] = [join(folder, `box${uid}`), join(folder, `tmp${uid}`)];
  for (const path of [folder, box, temporary]) {
    mkdirSync(path, { recursive: true });
    if (process.getuid?.() === 0) chownSync(path, uid, uid);
  }
  const before = statSync('/dev/null');
  const args = [command.path, 'run', '--sandbox', `--dir=${box}:/box`, paths.get('owned') as string];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { uid, gid: uid, env: { TMPDIR: temporary }, encoding: 'latin1' });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: OUTPUT, stderr: '' });
  const { mode, uid: owner, mtimeMs } = statSync('/dev/null');
  expect({ mode, owner, mtimeMs }).toEqual({ mode: before.mode, owner: before.uid, mtimeMs: before.mtimeMs });
  expect(readdirSync(temporary)).toEqual([]);
});
