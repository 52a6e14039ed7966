import { expect, it } from 'vitest';
import { Errno } from '../errno.ts';
import { SyscallBench } from '../testing/syscallBench.ts';

const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;
const O_NONBLOCK = 0o4000;
const O_DIRECT = 0o200000;

function withPipe(flags = 0): SyscallBench {
  const b = new SyscallBench();
  expect(b.call('pipe2', b.room(8), flags)).toBe(0);
  return b;
}

it('lets readers wait for data and writers for room', () => {
  expect(withPipe().call('read', 3, 0x10_0000, 1)).toBe('blocked');
  const b = withPipe();
  const data = b.room(60_000);
  expect(b.call('write', 4, data, 60_000)).toBe(60_000);
  expect(b.call('write', 4, data, 60_000)).toBe('blocked');
  // What there was room for is in it, and the call knows.
  expect(b.kernel.current.call.done).toBe(5536);
});

it('takes short writes wholly or not at all', () => {
  const b = withPipe(O_NONBLOCK);
  const data = b.room(60_000);
  b.call('write', 4, data, 60_000);
  b.call('write', 4, data, 4000);
  expect(b.call('write', 4, data, 4000)).toBe(-Errno.EAGAIN);
  expect(b.call('write', 4, data, 5000)).toBe(1536);
});

it('keeps packets apart and loses what a read leaves of one', () => {
  const b = withPipe(O_DIRECT | O_NONBLOCK);
  b.call('write', 4, 'hello', 5);
  b.call('write', 4, 'world', 5);
  const at = b.room(16);
  expect(b.call('read', 3, at, 2)).toBe(2);
  expect(b.call('read', 3, at, 16)).toBe(5);
  expect(String.fromCharCode(...b.bytes(at, 5))).toBe('world');
  expect(b.call('read', 3, at, 16)).toBe(-Errno.EAGAIN);
});

it('has a size in pages that can be changed, but not below what it holds', () => {
  const b = withPipe();
  expect(b.call('fcntl', 3, F_GETPIPE_SZ)).toBe(65536);
  expect(b.call('fcntl', 3, F_SETPIPE_SZ, 5000)).toBe(8192);
  b.call('write', 4, b.room(5000), 5000);
  expect(b.call('fcntl', 3, F_SETPIPE_SZ, 100)).toBe(-Errno.EBUSY);
  expect(b.call('fcntl', 3, F_SETPIPE_SZ, 2 ** 21)).toBe(-Errno.EPERM);
});

it('has several ends when it is opened again', () => {
  const b = withPipe();
  expect(b.call('openat', -100, '/proc/self/fd/3', 1)).toBe(5);
  expect(b.call('write', 5, 'abc', 3)).toBe(3);
  expect(b.call('close', 4)).toBe(0);
  const at = b.room(16);
  expect(b.call('read', 3, at, 16)).toBe(3);
  expect(b.call('read', 3, at, 16)).toBe('blocked');
});
