import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FolderLock } from './folderLock.ts';

it('is one process at a time that has a folder, until it gives it back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'everystep-lock-'));
  const first = await FolderLock.take(folder, false);
  expect([first === undefined, await FolderLock.take(folder, false)]).toEqual([false, undefined]);
  const waiting = FolderLock.take(folder, true);
  first?.release();
  (await waiting)?.release();
  rmSync(folder, { recursive: true });
});

it('is free again when its process has been killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'everystep-lock-'));
  const { dev, ino } = statSync(folder);
  const script = `require('node:net').createServer().listen('\\0everystep-cache-${dev}-${ino}', () => console.log('taken'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(await FolderLock.take(folder, false)).toBeUndefined();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await FolderLock.take(folder, false);
  expect(lock).toBeDefined();
  lock?.release();
  rmSync(folder, { recursive: true });
});
