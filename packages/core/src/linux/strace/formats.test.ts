import { expect, it } from 'vitest';
import { genericSyscalls } from '../../guest/genericSyscalls.ts';
import { allSyscallRows } from '../syscalls/table.ts';
import { formatOf } from './formats.ts';

/** Calls that QEMU 7.2 has no name for, so that it prints their number. */
const UNNAMED = ['preadv2', 'pwritev2', 'openat2', 'fchmodat2', 'clone3', 'sched_setattr', 'kexec_file_load', 'move_mount', 'open_tree', 'quotactl_fd'];

it('knows how QEMU shows each call that has a row', () => {
  const unnamed = allSyscallRows()
    .filter(({ name }) => formatOf(name) === undefined)
    .map(({ name }) => name);
  expect(unnamed).toEqual(expect.arrayContaining(UNNAMED));
});

it('knows every call of the table', () => {
  for (const name of genericSyscalls().values()) expect(() => formatOf(name)).not.toThrow();
  expect(formatOf(undefined)).toBeUndefined();
});
