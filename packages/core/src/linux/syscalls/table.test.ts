import { expect, it } from 'vitest';
import { allSyscallRows, createSyscallTable } from './table.ts';

it('has each call once, and those that are made later under their names', () => {
  const names = allSyscallRows().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const table = createSyscallTable(new Map(names.map((name, number) => [number, name])));
  expect(table.map((row) => row?.name)).toEqual(names);
  expect(table.map((row) => row?.types)).toEqual(allSyscallRows().map(({ types }) => types));
});
