import { expect, it } from 'vitest';
import { Errno } from '../errno.ts';
import { SyscallBench } from '../testing/syscallBench.ts';

const AT_FDCWD = -100;
const O_DIRECTORY = 0o40000;
const AT_SYMLINK_NOFOLLOW = 0x100;

const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** What a file holds. */
function contents(b: SyscallBench, path: string): string {
  const fd = b.call('openat', AT_FDCWD, path, 0) as number;
  if (fd < 0) return `errno ${-fd}`;
  const at = b.room(8192);
  const length = b.call('read', fd, at, 8192) as number;
  b.call('close', fd);
  return textOf(b.bytes(at, length));
}

function target(b: SyscallBench, path: string): string {
  const at = b.room(256);
  const length = b.call('readlinkat', AT_FDCWD, path, at, 256) as number;
  return length < 0 ? `errno ${-length}` : textOf(b.bytes(at, length));
}

it('tells of the guest under each of its names', () => {
  const b = new SyscallBench();
  for (const name of ['self', 'thread-self', '4242', '4242/task/4242', 'self/task/4242']) {
    expect(contents(b, `/proc/${name}/comm`)).toBe('prog\n');
    expect(target(b, `/proc/${name}/exe`)).toBe('/bin/prog');
    expect(target(b, `/proc/${name}/cwd`)).toBe('/tmp');
  }
  expect(contents(b, '/proc/../proc/./self//cmdline')).toBe('prog\0argument\0');
  expect(contents(b, '/proc/self/environ')).toBe('A=1\0');
  expect(target(b, '/proc/self')).toBe('4242');
  expect(contents(b, '/proc/self/none')).toBe(`errno ${Errno.ENOENT}`);
  expect(contents(b, '/proc/self/stat/x')).toBe(`errno ${Errno.ENOTDIR}`);
});

it('has the fields of stat and the lines of status', () => {
  const b = new SyscallBench();
  const fields = contents(b, '/proc/self/stat').trimEnd().split(' ');
  expect(fields.length).toBe(52);
  expect(fields.slice(0, 6)).toEqual(['4242', '(prog)', 'R', '4241', '4242', '4200']);
  const status = contents(b, '/proc/self/status');
  expect(status).toMatch(/^Name:\tprog\nUmask:\t0022\nState:\tR \(running\)\nTgid:\t4242\n/);
  expect(status).toContain('Groups:\t4 24 1000 \n');
  expect(status).toContain('Threads:\t1\n');
  expect(contents(b, '/proc/self/limits')).toMatch(/^Limit .*\n(.*\n){3}Max stack size +8388608 +unlimited +bytes +\n/);
});

it('shows mappings with their place in the file', () => {
  const b = new SyscallBench();
  b.host.addFile('/tmp/f', 'x'.repeat(9000));
  b.call('openat', AT_FDCWD, 'f', 0);
  const at = b.call('mmap', 0, 4096, 1, 2, 3, 4096) as number;
  expect(contents(b, '/proc/self/maps')).toContain(`${at.toString(16)}-${(at + 4096).toString(16)} r--p 00001000 08:05 `);
  expect(contents(b, '/proc/self/maps')).toMatch(/00400000-00401000 r-xp 00001000 08:05 \d+ +\/bin\/prog\n/);
});

it('leads to open files', () => {
  const b = new SyscallBench();
  b.host.addFile('/tmp/f', 'abc');
  b.call('openat', AT_FDCWD, 'f', 0);
  expect(target(b, '/proc/self/fd/3')).toBe('/tmp/f');
  expect(contents(b, '/dev/fd/3')).toBe('abc');
  expect(contents(b, '/proc/self/fd/9')).toBe(`errno ${Errno.ENOENT}`);
  const at = b.room(128);
  expect(b.call('newfstatat', AT_FDCWD, '/proc/self/fd/3', at, AT_SYMLINK_NOFOLLOW)).toBe(0);
  expect(b.view(at, 128).getUint32(16, true)).toBe(0o120500);
  expect(b.call('newfstatat', AT_FDCWD, '/proc/self/fd/3', at, 0)).toBe(0);
  expect(b.view(at, 128).getUint32(16, true)).toBe(0o100644);
  expect(contents(b, '/proc/self/fdinfo/3')).toMatch(/^pos:\t0\nflags:\t00\n/);
});

it('lists its directories, and opens what is in them', () => {
  const b = new SyscallBench();
  expect(b.call('openat', AT_FDCWD, '/proc/self/fd', O_DIRECTORY)).toBe(3);
  const at = b.room(1024);
  const size = b.call('getdents64', 3, at, 1024) as number;
  const view = b.view(at, size);
  const names: string[] = [];
  for (let i = 0; i < size; i += view.getUint16(i + 16, true)) names.push(textOf(b.bytes(at + i + 19, 4)).split('\0')[0]);
  expect(names).toEqual(['.', '..', '0', '1', '2', '3']);
  expect(b.call('openat', 3, '0', 0)).toBe(4);
  expect(b.call('fchdir', 3)).toBe(0);
  expect(b.call('getcwd', at, 100)).toBe('/proc/4242/fd'.length + 1);
  expect(contents(b, '../comm')).toBe('prog\n');
  expect(b.call('openat', AT_FDCWD, '/proc/self', 1)).toBe(-Errno.EISDIR);
  expect(b.call('openat', AT_FDCWD, '/proc/self/stat', 1)).toBe(-Errno.EACCES);
});

it('takes what may be written', () => {
  const b = new SyscallBench();
  expect(b.call('openat', AT_FDCWD, '/proc/self/comm', 1)).toBe(3);
  expect(b.call('write', 3, 'renamed\n', 8)).toBe(8);
  expect(contents(b, '/proc/self/comm')).toBe('renamed\n');
  expect(b.call('openat', AT_FDCWD, '/proc/self/oom_score_adj', 1)).toBe(4);
  expect(b.call('write', 4, '2000', 4)).toBe(-Errno.EINVAL);
});

it('describes the guest’s processors', () => {
  const b = new SyscallBench();
  const text = contents(b, '/proc/cpuinfo');
  expect(text).toMatch(/^processor\t: 0\nBogoMIPS\t: 125\.00\nFeatures\t: fp asimd /);
  expect(text.match(/^processor/gm)?.length).toBe(2);
  expect(text).toContain('CPU architecture: 8\n');
  expect(contents(b, '/proc/sys/kernel/arch')).toBe('aarch64\n');
});

it('tells another release where the guest is told one', () => {
  const b = new SyscallBench({ release: '5.4.0-x' });
  b.host.addFile('/proc/version', 'Linux version 6.1.0 (someone)\n');
  expect(contents(b, '/proc/sys/kernel/osrelease')).toBe('5.4.0-x\n');
  expect(contents(b, '/proc/version')).toBe('Linux version 5.4.0-x (someone)\n');
});

it('tells of the memory that guests may have, not of the host’s', () => {
  const b = new SyscallBench({ memoryLimit: 2 ** 25 });
  const sizes = new Map([...contents(b, '/proc/meminfo').matchAll(/^(\w+): +(\d+) kB$/gm)].map(([, name, size]) => [name, Number(size) * 1024]));
  expect(sizes.get('MemTotal')).toBe(2 ** 25);
  expect([sizes.get('SwapTotal'), sizes.get('Buffers')]).toEqual([0, 0]);
  const free = sizes.get('MemFree') as number;
  expect(free > 0 && free < 2 ** 25).toBe(true);
  const at = b.room(112);
  expect(b.call('sysinfo', at)).toBe(0);
  const [total, left, , , swap] = [32, 40, 48, 56, 64].map((offset) => Number(b.view(at, 112).getBigUint64(offset, true)));
  expect([total, left, swap]).toEqual([2 ** 25, free, 0]);
});
