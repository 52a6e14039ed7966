import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ByteString, byteString, encodeText, type Host, type HostOpen, LinuxError, MemoryHost } from '@everystep/core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createSandbox } from './index.ts';
import { NodeHost } from './nodeHost.ts';

/** Numbers that seem random, the same ones in each run (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const PARTS = ['a', 'b', 'c', 'd', '..', '.', 'a/b', 'b/c', 'a/', 'l', 'l/a', 'l/..', 'x'.repeat(256)];
const TARGETS = ['a', '../b', 'l', 'missing', '.', 'b/c'];
const PLAIN: HostOpen = {
  ...{ read: true, write: false, create: false, exclusive: false, truncate: false, append: false, directory: false, noFollow: false },
  ...{ nonBlocking: false, sync: false, pathOnly: false, temporary: false, mode: 0o640 },
};

/** An operation on a host, below a directory: what it tells. */
type Operation = (host: Host, top: string) => unknown;

function randomOperation(below: (limit: number) => number): readonly [name: string, Operation] {
  const chance = (): boolean => below(2) === 0;
  const path = (): string => Array.from({ length: 1 + below(2) }, () => PARTS[below(PARTS.length)]).join('/');
  const [one, other, target, follow, size] = [path(), path(), TARGETS[below(TARGETS.length)], chance(), below(9000)];
  const at = (top: string, name: string): ByteString => encodeText(`${top}/${name}`);
  const how = { ...PLAIN, write: chance(), create: chance(), exclusive: chance(), truncate: chance(), directory: below(5) === 0, noFollow: chance() };
  // O_TRUNC without write access is not defined; O_CREAT with O_DIRECTORY depends on the kernel.
  const open = { ...how, truncate: how.truncate && how.write, directory: how.directory && !how.create, exclusive: how.exclusive && how.create };
  const operations: readonly (readonly [name: string, Operation])[] = [
    [`mkdir ${one}`, (h, top) => h.makeDirectory(at(top, one), 0o750)],
    [`rmdir ${one}`, (h, top) => h.removeDirectory(at(top, one))],
    [`unlink ${one}`, (h, top) => h.unlink(at(top, one))],
    [`rename ${one} ${other}`, (h, top) => h.rename(at(top, one), at(top, other))],
    [`link ${one} ${other}`, (h, top) => h.link(at(top, one), at(top, other))],
    [`symlink ${target} ${one}`, (h, top) => h.symbolicLink(encodeText(target), at(top, one))],
    [`truncate ${one} ${size}`, (h, top) => h.truncatePath(at(top, one), size)],
    [`chmod ${one}`, (h, top) => h.changeModePath(at(top, one), 0o755)],
    [`access ${one}`, (h, top) => h.access(at(top, one), 4)],
    [`readlink ${one}`, (h, top) => h.readLink(at(top, one))],
    [`realpath ${one}`, (h, top) => h.realPath(at(top, one)).slice(top.length)],
    [
      `list ${one}`,
      (h, top) =>
        h
          .readDirectory(at(top, one))
          .map(({ name, type }) => `${name} ${type}`)
          .sort(),
    ],
    [`type ${one} ${follow}`, (h, top) => h.typeOf(at(top, one), follow)],
    [`stat ${one} ${follow}`, (h, top) => told(h, at(top, one), follow)],
    [`write ${one} ${JSON.stringify(open)}`, (h, top) => written(h, at(top, one), open, size)],
    [`read ${one}`, (h, top) => byteString(h.readFile(at(top, one)))],
  ];
  return operations[below(operations.length)];
}

function told(host: Host, path: ByteString, follow: boolean): unknown {
  const { mode, links, size } = host.statPath(path, follow);
  const isDirectory = (mode & 0o170000) === 0o040000;
  // The links and sizes of directories are the file system's own business.
  return isDirectory ? { mode } : { mode, links, size };
}

function written(host: Host, path: ByteString, how: HostOpen, position: number): number {
  const handle = host.open(path, how);
  try {
    return how.write ? host.writeAt(handle, Uint8Array.of(65, 66, 67), position) : host.read(handle, new Uint8Array(9000));
  } finally {
    host.close(handle);
  }
}

function outcome(host: Host, top: string, operation: Operation): unknown {
  try {
    return operation(host, top) ?? 'done';
  } catch (error) {
    if (error instanceof LinuxError) return error.message;
    throw error;
  }
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'everystep-memory-'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Does the same to a host and to the system itself, each time in a directory of its own. */
function compare(seed: number, real: Host, realTop: string, other: Host, top: string): void {
  const below = generator(seed);
  const history: string[] = [];
  for (let i = 0; i < 400; i++) {
    const [name, operation] = randomOperation(below);
    history.push(name);
    expect(outcome(other, top, operation), history.slice(-20).join('\n')).toEqual(outcome(real, realTop, operation));
  }
}

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** Deep enough for all `..`. */
const DEPTH = 'far/below/the/top';

function makeTop(name: string): string {
  const top = join(folder, name, DEPTH);
  mkdirSync(top, { recursive: true });
  return top;
}

it.each(SEEDS)('files in memory are as the system has them (seed %i)', (seed) => {
  const real = new NodeHost();
  const now = (): bigint => process.hrtime.bigint();
  const streams = { read: () => 0, write: () => 0, readable: () => -1 };
  const memory = new MemoryHost({ streams, realTime: now, monotonicTime: now, sleep: () => {}, random: () => {}, identity: real.identity() });
  const top = makeTop(`memory${seed}`);
  memory.addDirectory(top);
  compare(seed, real, top, memory, top);
});

it.each(SEEDS)('files in a sandbox are as the system has them (seed %i)', (seed) => {
  const top = makeTop(`real${seed}`);
  makeTop(`sandbox${seed}`);
  // Its own directory, which it removes when the process ends, is to go with the test's.
  vi.stubEnv('TMPDIR', folder);
  const sandbox = createSandbox({ root: '', directories: [{ host: join(folder, `sandbox${seed}`), guest: '/given', readOnly: false }], network: false });
  compare(seed, new NodeHost(), top, sandbox, `/given/${DEPTH}`);
});
