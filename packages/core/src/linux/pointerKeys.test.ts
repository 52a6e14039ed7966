import { expect, it } from 'vitest';
import { Errno } from './errno.ts';
import { SyscallBench } from './testing/syscallBench.ts';

const PR_PAC_RESET_KEYS = 54;
const PR_SET_TAGGED_ADDR_CTRL = 55;
const PR_GET_TAGGED_ADDR_CTRL = 56;

const keysOf = ({ machine: { cpu, guest } }: SyscallBench): bigint[] => guest.linux.pointerKeys.flat().map((name) => cpu.getByName(name));

it('a process starts with keys that its seed makes reproducible', () => {
  const keys = keysOf(new SyscallBench({ seed: 1n }));
  expect(new Set(keys).size).toBe(10);
  expect(keysOf(new SyscallBench({ seed: 1n }))).toEqual(keys);
  expect(keysOf(new SyscallBench({ seed: 2n }))).not.toEqual(keys);
});

it('PR_PAC_RESET_KEYS draws the keys named, or all', () => {
  const b = new SyscallBench({ seed: 1n });
  const before = keysOf(b);
  const changed = (): number[] => [...keysOf(b).entries()].filter(([i, key]) => key !== before[i]).map(([i]) => i);
  expect(b.call('prctl', PR_PAC_RESET_KEYS, 0b10010, 0, 0, 0)).toBe(0);
  expect(changed()).toEqual([2, 3, 8, 9]);
  expect(b.call('prctl', PR_PAC_RESET_KEYS, 0, 0, 0, 0)).toBe(0);
  expect(changed()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(b.call('prctl', PR_PAC_RESET_KEYS, 0b100000, 0, 0, 0)).toBe(-Errno.EINVAL);
  expect(b.call('prctl', PR_PAC_RESET_KEYS, 0, 1, 0, 0)).toBe(-Errno.EINVAL);
});

it('the options for tagged addresses take no further arguments', () => {
  const b = new SyscallBench();
  expect(b.call('prctl', PR_SET_TAGGED_ADDR_CTRL, 1, 0, 0, 0)).toBe(0);
  expect(b.call('prctl', PR_GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0)).toBe(1);
  expect(b.call('prctl', PR_SET_TAGGED_ADDR_CTRL, 0, 0, 0, 1)).toBe(-Errno.EINVAL);
  expect(b.call('prctl', PR_GET_TAGGED_ADDR_CTRL, 1, 0, 0, 0)).toBe(-Errno.EINVAL);
});
