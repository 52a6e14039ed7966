import { beforeEach, describe, expect, it } from 'vitest';
import { AddressSpace, createLinearMemory, PAGE, PROT_READ, PROT_WRITE } from '../../engine/index.ts';
import { MARK_GROUP, markOf } from '../../ir/index.ts';
import type { Replayer } from '../replayer.ts';
import { MarkGroups } from './markGroups.ts';

const MASK = 0x3f_ffff;
const START = 0x55_0000_0000;
const RW = PROT_READ | PROT_WRITE;

describe('the marks that code can have set', () => {
  let space: AddressSpace;
  let groups: MarkGroups;

  const isAmong = (address: number): boolean => groups.ranges.some(([start, end]) => markOf(address, MASK) >= start && markOf(address, MASK) < end);

  beforeEach(() => {
    space = new AddressSpace(createLinearMemory(0x4000));
    space.map(START, 8 * PAGE, RW);
    groups = new MarkGroups({ machine: { space }, spaces: [space, undefined] } as unknown as Replayer, MASK);
  });

  it('are those of mapped pages', () => {
    groups.taken();
    expect(isAmong(START)).toBe(true);
    expect(isAmong(START + 8 * PAGE - 1)).toBe(true);
    expect(isAmong(START + 8 * PAGE)).toBe(false);
    expect(groups.ranges.reduce((sum, [start, end]) => sum + end - start, 0)).toBe(8 * MARK_GROUP);
  });

  it('are those, too, of pages that were mapped for some time since marks were taken, and no longer', () => {
    groups.taken();
    space.map(START + 20 * PAGE, PAGE, RW);
    space.unmap(START + 20 * PAGE, PAGE);
    expect(isAmong(START + 20 * PAGE)).toBe(true);
    space.unmap(START, PAGE);
    expect(isAmong(START)).toBe(true);
    groups.taken();
    expect([START, START + PAGE, START + 20 * PAGE].map(isAmong)).toEqual([false, true, false]);
  });

  it('are all of them where more is mapped', () => {
    space.map(2 * START, ((MASK + 1) / MARK_GROUP) * PAGE, RW);
    expect(groups.ranges).toEqual([[0, MASK + 1]]);
  });
});
