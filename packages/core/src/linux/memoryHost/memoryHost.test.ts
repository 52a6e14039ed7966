import { expect, it } from 'vitest';
import { ascii, type ByteString, byteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostOpen } from '../host.ts';
import { MemoryHost, type MemoryHostOptions } from './memoryHost.ts';
import type { Surroundings } from './surroundings.ts';

const READ: HostOpen = {
  ...{ read: true, write: false, create: false, exclusive: false, truncate: false, append: false, directory: false, noFollow: false },
  ...{ nonBlocking: false, sync: false, pathOnly: false, temporary: false, mode: 0 },
};
const CREATE: HostOpen = { ...READ, write: true, create: true, mode: 0o666 };

const p = (path: string): ByteString => ascii(path);
const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

function made(options: MemoryHostOptions = {}, surroundings: Partial<Surroundings> = {}): MemoryHost {
  let time = 0n;
  const now = (): bigint => ++time;
  const streams = { read: () => 0, write: (_: number, data: Uint8Array) => data.length, readable: () => -1 };
  return new MemoryHost({ streams, realTime: now, monotonicTime: now, sleep: () => {}, random: () => {}, ...surroundings }, options);
}

/** The number of a failure; 0 if there is none. */
function failure(operation: () => unknown): number {
  try {
    operation();
    return 0;
  } catch (error) {
    if (error instanceof LinuxError) return error.errno;
    throw error;
  }
}

/** What an open file holds. */
function contents(host: MemoryHost, handle: number): string {
  const into = new Uint8Array(1 << 16);
  return byteString(into.subarray(0, host.readAt(handle, into, 0)));
}

it('keeps a file whose names are gone as long as it is open, then gives its room back', () => {
  const host = made({ sizeLimit: 4 * 4096 });
  const free = (): number => Number(host.statFileSystem(p('/')).blocksFree);
  const handle = host.open(p('/f'), CREATE);
  host.write(handle, new Uint8Array(3 * 4096));
  host.link(p('/f'), p('/g'));
  host.unlink(p('/f'));
  host.unlink(p('/g'));
  expect([host.stat(handle).links, free(), host.handleName(handle)]).toEqual([0, 1, '/f (deleted)']);
  host.close(handle);
  expect(free()).toBe(4);
});

it('ends a write where room ends, and refuses the next', () => {
  const host = made({ sizeLimit: 2 * 4096 });
  const handle = host.open(p('/f'), CREATE);
  expect(host.write(handle, new Uint8Array(10_000))).toBe(8192);
  expect(failure(() => host.write(handle, bytes('x')))).toBe(Errno.ENOSPC);
  host.truncate(handle, 4096);
  expect(host.writeAt(handle, bytes('x'), 4096)).toBe(1);
  // What was never written takes no room.
  host.truncate(handle, 1e9);
  expect([host.stat(handle).size, host.stat(handle).blocks]).toEqual([1_000_000_000n, 16n]);
});

it('reads zeros where nothing was written, and where a file had been cut', () => {
  const host = made();
  const handle = host.open(p('/f'), CREATE);
  host.writeAt(handle, bytes('abcdef'), 5000);
  host.truncate(handle, 5002);
  host.truncate(handle, 5006);
  expect(contents(host, handle)).toBe(`${'\0'.repeat(5000)}ab\0\0\0\0`);
});

it('counts files', () => {
  const host = made({ fileLimit: 9 });
  host.makeDirectory(p('/a'), 0o755);
  host.symbolicLink(p('x'), p('/b'));
  expect(failure(() => host.open(p('/c'), CREATE))).toBe(Errno.ENOSPC);
  host.unlink(p('/b'));
  host.close(host.open(p('/c'), CREATE));
});

it('lets open directories be found where they were moved', () => {
  const host = made();
  host.addFile('/a/b/f', 'text');
  const handle = host.open(p('/a/b'), READ);
  host.makeDirectory(p('/c'), 0o755);
  host.rename(p('/a/b'), p('/c/d'));
  expect(host.handleName(handle)).toBe('/c/d');
  expect(host.realPath(p(`${host.handlePath(handle)}/..`))).toBe('/c');
  expect(byteString(host.readFile(p(`${host.handlePath(handle)}/f`)))).toBe('text');
  expect(failure(() => host.rename(p('/c'), p('/c/d/e')))).toBe(Errno.EINVAL);
});

it('never lets the path of a closed handle lead to another file', () => {
  const host = made();
  host.addFile('/f', 'one');
  const handle = host.open(p('/f'), READ);
  const path = host.handlePath(handle) as ByteString;
  host.close(handle);
  host.open(p('/f'), READ);
  expect(failure(() => host.readFile(path))).toBe(Errno.EBADF);
});

it('gives a name to a temporary file, but not to one that was removed', () => {
  const host = made({ directory: '/d' });
  const handle = host.open(p('/d'), { ...CREATE, create: false, temporary: true });
  host.write(handle, bytes('hidden'));
  expect(host.readDirectory(p('/d'))).toEqual([]);
  host.link(host.realPath(host.handlePath(handle) as ByteString), p('/d/named'));
  expect([byteString(host.readFile(p('/d/named'))), host.stat(handle).links]).toEqual(['hidden', 1]);
});

it('checks permissions of those who are not root', () => {
  const host = made();
  host.addFile('/d/secret', 'x', 0o200);
  expect(failure(() => host.open(p('/d/secret'), READ))).toBe(Errno.EACCES);
  host.changeModePath(p('/d/secret'), 0o400);
  expect(failure(() => host.open(p('/d/secret'), { ...READ, write: true }))).toBe(Errno.EACCES);
  expect(failure(() => host.access(p('/d/secret'), 4))).toBe(0);
  host.changeModePath(p('/d'), 0o600);
  expect(failure(() => host.statPath(p('/d/secret'), true))).toBe(Errno.EACCES);
  expect(failure(() => host.changeOwnerPath(p('/d'), 0, 0, true))).toBe(Errno.EPERM);
  const root = made({}, { identity: { uid: 0, effectiveUid: 0, gid: 0, effectiveGid: 0 } });
  root.addFile('/secret', 'x', 0);
  expect([failure(() => root.access(p('/secret'), 6)), failure(() => root.access(p('/secret'), 1))]).toEqual([0, Errno.EACCES]);
});

it('follows symbolic links as Linux does', () => {
  const host = made();
  host.addFile('/d/f', 'x');
  host.symbolicLink(p('../d/f'), p('/d/relative'));
  host.symbolicLink(p('/d'), p('/absolute'));
  host.symbolicLink(p('loop'), p('/loop'));
  host.symbolicLink(p('new'), p('/dangling'));
  expect(host.realPath(p('/absolute/relative'))).toBe('/d/f');
  expect(failure(() => host.statPath(p('/loop'), true))).toBe(Errno.ELOOP);
  expect(failure(() => host.open(p('/dangling'), { ...CREATE, exclusive: true }))).toBe(Errno.EEXIST);
  host.close(host.open(p('/dangling'), CREATE));
  expect(host.realPath(p('/dangling'))).toBe('/new');
  expect(failure(() => host.statPath(p('/d/f/'), true))).toBe(Errno.ENOTDIR);
  expect(host.realPath(p('/../../d/./..'))).toBe('/');
});

it('has the devices that programs expect', () => {
  const host = made({}, { random: (into) => into.fill(7) });
  const device = (name: string): number => host.open(p(`/dev/${name}`), { ...READ, write: true, truncate: true, create: true });
  const into = new Uint8Array(3);
  const told = ['null', 'zero', 'full', 'urandom'].map((name) => {
    const handle = device(name);
    return [host.read(handle, into), ...into, failure(() => host.write(handle, bytes('x')))];
  });
  expect(told).toEqual([
    [0, 0, 0, 0, 0],
    [3, 0, 0, 0, 0],
    [3, 0, 0, 0, Errno.ENOSPC],
    [3, 7, 7, 7, 0],
  ]);
  expect(host.statPath(p('/dev/null'), true)).toMatchObject({ mode: 0o020666, rdev: 0x103n, size: 0n });
});
