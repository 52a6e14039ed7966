import { expect, test } from 'vitest';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import { allSyscallRows } from '../../packages/core/src/linux/syscalls/table.ts';
import { syscallsDocument } from './syscallsDocument.ts';

const { syscalls } = createAArch64().linux;

test('the documentation shows the rows', async () => {
  await expect(syscallsDocument(syscalls, allSyscallRows())).toMatchFileSnapshot('../../docs/generated/syscalls.md');
});

test('every row is a call of the table', () => {
  const names = new Set(syscalls.values());
  expect(
    allSyscallRows()
      .map(({ name }) => name)
      .filter((name) => !names.has(name)),
  ).toEqual([]);
});
