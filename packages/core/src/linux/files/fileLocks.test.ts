import { expect, it } from 'vitest';
import { LinuxError } from '../errno.ts';
import { FileLocks, type RecordLock } from './fileLocks.ts';
import { virtualStat } from './memoryFile.ts';

const file = virtualStat(0o100644, 0, 0n);
const [first, second] = [{}, {}];
const lock = (owner: object, start: number, end: number, exclusive = true): RecordLock => ({ owner, start, end, exclusive, pid: 1 });

it('are in each other’s way where they overlap and one is exclusive', () => {
  const locks = new FileLocks();
  locks.set(file, lock(first, 10, 20));
  expect(locks.conflict(file, lock(second, 0, 10))).toBeUndefined();
  expect(locks.conflict(file, lock(second, 19, 21, false))?.start).toBe(10);
  expect(locks.conflict(file, lock(first, 0, 100))).toBeUndefined();
  locks.set(file, lock(first, 10, 20, false));
  expect(locks.conflict(file, lock(second, 19, 21, false))).toBeUndefined();
});

it('can be taken away in parts', () => {
  const locks = new FileLocks();
  locks.set(file, lock(first, 0, Number.POSITIVE_INFINITY));
  locks.unset(file, first, { start: 10, end: 20 });
  expect(locks.conflict(file, lock(second, 10, 20))).toBeUndefined();
  expect(locks.conflict(file, lock(second, 5, 15))).toMatchObject({ start: 0, end: 10 });
  expect(locks.conflict(file, lock(second, 25, 26))).toMatchObject({ start: 20, end: Number.POSITIVE_INFINITY });
});

it('tell of owners that wait for each other', () => {
  const locks = new FileLocks();
  const third = {};
  locks.await(first, second);
  locks.await(second, third);
  expect(() => locks.await(third, first)).toThrow(LinuxError);
  locks.awaited(first);
  expect(() => locks.await(third, first)).not.toThrow();
});
