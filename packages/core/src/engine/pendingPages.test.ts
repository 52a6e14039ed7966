import { beforeEach, describe, expect, it } from 'vitest';
import { AddressSpace } from './addressSpace.ts';
import { fillPages, pendingAt, pokeLater } from './latePages.ts';
import { createLinearMemory } from './linearMemory.ts';
import type { PendingPage } from './pendingPages.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from './seams.ts';
import { PAGE } from './vma.ts';

const RW = PROT_READ | PROT_WRITE;
const START = 0x55_0000_0000;

describe('pages that are filled in when somebody looks', () => {
  let space: AddressSpace;
  let asked: number[];
  let pages: Map<number, PendingPage>;

  const later = (value: number): PendingPage => ({
    put(memory, at) {
      asked.push(value);
      memory.bytes.fill(value, at, at + PAGE);
    },
  });

  beforeEach(() => {
    space = new AddressSpace(createLinearMemory(0x4000));
    space.map(START, 8 * PAGE, RW);
    space.kernelWrite(START, new Uint8Array(8 * PAGE).fill(9));
    asked = [];
    pages = new Map([1, 2, 5].map((page) => [START + page * PAGE, later(page)] as const));
    expect(pokeLater(space, pages)).toBe(true);
  });

  it('are read once, and only those that are looked at', () => {
    expect(space.kernelRead(START + 2 * PAGE - 1, 2)).toEqual(Uint8Array.of(1, 2));
    expect(space.kernelRead(START + PAGE, 1)).toEqual(Uint8Array.of(1));
    expect(space.peek(START, 1)).toEqual(Uint8Array.of(9));
    expect(asked).toEqual([1, 2]);
    expect(pendingAt(space, START + PAGE)).toBeUndefined();
    expect(pendingAt(space, START + 5 * PAGE)).toBe(pages.get(START + 5 * PAGE));
  });

  it('are in no arena before', () => {
    const pagesOf = (page: number): number[] => {
      const arena = space.arena(START + page * PAGE, PROT_WRITE);
      return [((arena?.start ?? 0) - START) / PAGE, ((arena?.end ?? 0) - START) / PAGE];
    };
    expect(pagesOf(3)).toEqual([3, 5]);
    expect(pagesOf(0)).toEqual([0, 1]);
    expect(asked).toEqual([]);
    expect(pagesOf(2)).toEqual([2, 5]);
    expect(pagesOf(5)).toEqual([2, 8]);
    expect(asked).toEqual([2, 5]);
  });

  it('keep the rest of what a page has that is written in part', () => {
    space.kernelWrite(START + PAGE + 8, Uint8Array.of(77));
    expect(space.kernelRead(START + PAGE + 7, 3)).toEqual(Uint8Array.of(1, 77, 1));
  });

  it('are shared by a fork, which gets copies when one of them is written', () => {
    const child = space.fork();
    child.kernelWrite(START + 5 * PAGE, Uint8Array.of(50));
    expect(child.kernelRead(START + 5 * PAGE, 2)).toEqual(Uint8Array.of(50, 5));
    expect(space.kernelRead(START + 5 * PAGE, 2)).toEqual(Uint8Array.of(5, 5));
    expect(child.kernelRead(START + PAGE, 1)).toEqual(Uint8Array.of(1));
    expect(asked).toEqual([5, 1]);
  });

  it('are forgotten with their mapping', () => {
    space.map(START, 8 * PAGE, RW);
    expect(space.kernelRead(START + PAGE, PAGE)).toEqual(new Uint8Array(PAGE));
    expect(asked).toEqual([]);
  });

  it('are zeros where there are no bytes, and others where they are given others', () => {
    expect(
      pokeLater(
        space,
        new Map([
          [START, later(0)],
          [START + PAGE, later(11)],
        ]),
      ),
    ).toBe(true);
    fillPages(space);
    expect(space.peek(START + PAGE - 1, 2)).toEqual(Uint8Array.of(0, 11));
    expect(asked).toEqual([0, 11, 2, 5]);
  });

  it('drop translations of code at once', () => {
    const dropped: number[][] = [];
    space.protect(START + 2 * PAGE, 4 * PAGE, PROT_READ | PROT_EXEC);
    space.onCodeChange = (start, end) => dropped.push([(start - START) / PAGE, (end - START) / PAGE]);
    pokeLater(space, new Map([2, 3, 5, 6].map((page) => [START + page * PAGE, later(page)] as const)));
    expect(dropped).toEqual([
      [2, 4],
      [5, 6],
    ]);
  });
});
