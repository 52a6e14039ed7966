import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ascii, type ByteString, Errno, type HostHandle, type HostOpen, LinuxError } from '@everystep/core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createSandbox } from '../index.ts';
import type { SandboxHost } from './sandboxHost.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'disk-space-'));
  // The sandboxes' own directories, which they remove when the process ends, are to go with the test's.
  vi.stubEnv('TMPDIR', folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const BLOCK = 4096;
const LIMIT = 64 * BLOCK;

const WRITE: HostOpen = {
  ...{ read: true, write: true, create: true, exclusive: false, truncate: false, append: false, directory: false, noFollow: false },
  ...{ nonBlocking: false, sync: false, pathOnly: false, temporary: false, mode: 0o600 },
};

const limited = (): SandboxHost => createSandbox({ root: '', directories: [], network: false, temporarySize: LIMIT });
const at = (name: string): ByteString => ascii(`/tmp/${name}`);
const blocks = (count: number): Uint8Array => new Uint8Array(count * BLOCK).fill(1);
const free = (host: SandboxHost): number => Number(host.statFileSystem(at('')).blocksFree);

/** Writes until there is no room. @returns bytes written */
function fill(host: SandboxHost, handle: HostHandle): number {
  let sum = 0;
  for (;;) {
    try {
      sum += host.write(handle, blocks(10));
    } catch (error) {
      expect(error).toEqual(new LinuxError(Errno.ENOSPC));
      return sum;
    }
  }
}

it('bounds what files in a sandbox’s /tmp take, by ENOSPC, and gives room back', () => {
  const host = limited();
  const handle = host.open(at('file'), WRITE);
  expect(fill(host, handle)).toBe(63 * BLOCK);
  expect(free(host)).toBe(0);
  for (const make of [
    () => host.open(at('other'), WRITE),
    () => host.makeDirectory(at('folder'), 0o700),
    () => host.symbolicLink(ascii('file'), at('link')),
    () => host.writeAt(handle, blocks(1), 100 * BLOCK),
  ]) {
    expect(make).toThrow(new LinuxError(Errno.ENOSPC));
  }
  // What it has already may be written again.
  expect(host.writeAt(handle, blocks(3), BLOCK + 7)).toBe(3 * BLOCK);
  host.unlink(at('file'));
  expect(free(host)).toBe(0);
  host.close(handle);
  expect(free(host)).toBe(64);
});

it('finds files wherever a guest puts them', () => {
  const host = limited();
  host.makeDirectory(at('folder'), 0o700);
  const handle = host.open(at('folder/file'), WRITE);
  host.write(handle, blocks(20));
  host.link(at('folder/file'), at('second'));
  host.close(handle);
  host.changeModePath(at('folder'), 0);
  const other = host.open(at('other'), { ...WRITE, append: true });
  const written = fill(host, other);
  expect(written).toBeGreaterThan(35 * BLOCK);
  expect(written).toBeLessThan(42 * BLOCK);
  expect(host.statPath(at('folder'), true).mode & 0o777).toBe(0);
  host.truncate(other, 2 * BLOCK);
  expect(fill(host, other)).toBe(written - 2 * BLOCK);
});

it('counts what holes are filled with', () => {
  const host = limited();
  const handle = host.open(at('file'), WRITE);
  host.truncate(handle, 1000 * BLOCK);
  for (let i = 0; i < 10; i++) expect(host.writeAt(handle, blocks(1), (50 * i + 3) * BLOCK)).toBe(BLOCK);
  expect(free(host)).toBe(53);
  expect(host.writeAt(handle, blocks(60), 600 * BLOCK)).toBe(53 * BLOCK);
});
