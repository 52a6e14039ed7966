import { expect, it } from 'vitest';
import { Errno } from '../errno.ts';
import { SyscallBench } from '../testing/syscallBench.ts';

const AT_FDCWD = -100;
const [READ, BOTH] = [1, 3];
const [SHARED, PRIVATE] = [1, 2];
const PAGE = 4096;

function withFile(contents: string): SyscallBench {
  const b = new SyscallBench();
  b.host.addFile('/tmp/f', contents);
  expect(b.call('openat', AT_FDCWD, 'f', 2)).toBe(3);
  return b;
}

const map = (b: SyscallBench, length: number, prot: number, flags: number, offset = 0): number => b.call('mmap', 0, length, prot, flags, 3, offset) as number;

it('are one memory for all shared mappings of a file', () => {
  const b = withFile('abc');
  const [one, other] = [map(b, PAGE, BOTH, SHARED), map(b, PAGE, BOTH, SHARED)];
  b.process.write(one, Uint8Array.of(88));
  expect(b.bytes(other, 2)).toEqual(Uint8Array.of(88, 98));
});

it('show in the file what they hold, and the other way round', () => {
  const b = withFile('abc');
  const at = map(b, PAGE, BOTH, SHARED);
  b.call('openat', AT_FDCWD, 'f', 2);
  b.process.write(at, Uint8Array.of(88));
  const buffer = b.room(4);
  expect(b.call('pread64', 4, buffer, 2, 0)).toBe(2);
  expect(b.bytes(buffer, 2)).toEqual(Uint8Array.of(88, 98));
  expect(b.call('pwrite64', 4, 'Z', 1, 1)).toBe(1);
  expect(b.bytes(at, 3)).toEqual(Uint8Array.of(88, 90, 99));
});

it('write only pages back that were changed', () => {
  const b = withFile('a'.repeat(3 * PAGE));
  const at = map(b, 3 * PAGE, BOTH, SHARED);
  b.process.write(at + PAGE, Uint8Array.of(88));
  // Somebody else changes the first page meanwhile.
  b.host.writeAt(3, Uint8Array.of(89), 0);
  expect(b.call('munmap', at, 3 * PAGE)).toBe(0);
  expect(b.host.contents('/tmp/f').slice(0, 2)).toBe('Ya');
  expect(b.host.contents('/tmp/f').slice(PAGE, PAGE + 2)).toBe('Xa');
});

it('end with the file: pages behind it cannot be used until it grows', () => {
  const b = withFile('abc');
  const at = map(b, 2 * PAGE, BOTH, SHARED);
  expect(b.process.space.kernelRead(at + PAGE, 1)).toBeUndefined();
  expect(b.process.mappings.explain(at + PAGE)).toBe('bus');
  expect(b.call('mprotect', at, 2 * PAGE, READ)).toBe(0);
  expect(b.process.space.kernelRead(at + PAGE, 1)).toBeUndefined();
  expect(b.call('ftruncate', 3, PAGE + 1)).toBe(0);
  expect(b.bytes(at + PAGE, 1)).toEqual(Uint8Array.of(0));
  expect(b.call('ftruncate', 3, 0)).toBe(0);
  expect(b.process.mappings.explain(at)).toBe('bus');
  // The host has made it longer.
  b.host.truncate(3, 1);
  expect(b.process.mappings.explain(at)).toBe('retry');
  expect(b.bytes(at, 1)).toEqual(Uint8Array.of(0));
  expect(b.process.mappings.explain(0x400000)).toBeUndefined();
});

it('keep private changes, until told that they are not needed', () => {
  const b = withFile('abc');
  const at = map(b, PAGE, BOTH, PRIVATE);
  b.process.write(at, Uint8Array.of(88));
  expect(b.host.contents('/tmp/f')).toBe('abc');
  expect(b.call('madvise', at, PAGE, 4)).toBe(0);
  expect(b.bytes(at, 1)).toEqual(Uint8Array.of(97));
});

it('may only be what the file was opened for', () => {
  const b = withFile('abc');
  b.call('openat', AT_FDCWD, 'f', 0);
  expect(b.call('mmap', 0, PAGE, BOTH, SHARED, 4, 0)).toBe(-Errno.EACCES);
  const at = b.call('mmap', 0, PAGE, READ, SHARED, 4, 0) as number;
  expect(b.call('mprotect', at, PAGE, BOTH)).toBe(-Errno.EACCES);
  expect(b.call('mmap', 0, PAGE, BOTH, PRIVATE, 4, 0)).toBeGreaterThan(0);
  expect(b.call('openat', AT_FDCWD, '/bin/prog', 1)).toBe(-Errno.ETXTBSY);
});
