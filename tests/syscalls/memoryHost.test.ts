import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAArch64, createProcess, MemoryHost } from '@everystep/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';

const here = join(import.meta.dirname, 'programs');
/** Those that use files, and nothing of /proc that only the host has. */
const PROGRAMS = [
  ...['access', 'attributes', 'descriptors', 'directories', 'fifo', 'fileLimit', 'fileSpace', 'fileSystems', 'inotify', 'links', 'locks', 'memfd', 'nodes'],
  ...['opens', 'owners', 'pipes', 'readlinks', 'renames', 'sharedMaps', 'splice', 'stats', 'times', 'unnamed', 'vectors'],
];

let folder = '';
const paths = new Map<string, string>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'memory-host-'));
  for (const { name, path } of buildPrograms(here, join(import.meta.dirname, '../../.build/syscalls'))) paths.set(name, path);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program whose files are all in memory. */
function runInMemory(path: string): { readonly status: number; readonly output: string } {
  const { uid, gid } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  let output = '';
  const host = new MemoryHost(
    {
      streams: {
        read: () => 0,
        write: (_handle, data) => {
          output += Buffer.from(data).toString('latin1');
          return data.length;
        },
        readable: () => -1,
      },
      realTime: () => BigInt(Date.now()) * 1_000_000n,
      monotonicTime: () => process.hrtime.bigint(),
      sleep: () => {},
      random: (into) => into.fill(7),
      identity: { uid, effectiveUid: uid, gid, effectiveGid: gid, groups: process.getgroups?.() ?? [] },
    },
    { directory: '/home/work' },
  );
  host.addFile('/program', readFileSync(path), 0o755);
  host.addFile('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n');
  host.addDirectory('/tmp', 0o777);
  const { kernel, machine } = createProcess({ guest: createAArch64(), host, program: '/program', argv: [path], environment: [] });
  for (;;) {
    const event = kernel.run(machine.steps + 100_000_000);
    if (event.kind === 'exit') return { status: event.status, output };
    if (event.kind !== 'budget' && event.kind !== 'stop') throw new Error(`ended by ${event.kind}`);
  }
}

test.each(PROGRAMS)('%s does in memory what it does under QEMU', (name) => {
  const path = paths.get(name) as string;
  const cwd = join(mkdtempSync(join(folder, `${name}-`)), 'work');
  mkdirSync(cwd);
  const { status, stdout } = spawnSync('qemu-aarch64', [path], { cwd, env: {}, input: '', encoding: 'latin1' });
  expect(runInMemory(path)).toEqual({ status, output: stdout });
});
