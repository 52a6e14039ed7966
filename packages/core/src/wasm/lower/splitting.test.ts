import { expect, it } from 'vitest';
import type { Block } from '../../ir/index.ts';
import { structure } from '../structure.ts';
import { splitEntries } from './splitting.ts';

/** Blocks of one instruction each; what matters is where they go. */
const blocks = (successors: readonly (readonly number[])[], insns = 1): Block[] =>
  successors.map((to, n) => ({
    pc: n * 4,
    start: 0,
    end: 0,
    insns,
    bytes: 4,
    terminator: to.length === 2 ? { kind: 'branch', condition: 0, taken: to[0] * 4, fallThrough: to[1] * 4 } : { kind: 'jump', target: (to[0] ?? 99) * 4 },
  }));

/** Dispatch nodes of a graph that is entered at node 0. */
const dispatchNodes = (successors: readonly (readonly number[])[]): number => structure({ successors, root: 0 }, () => false).entries.length;

// 0 enters the loop 1 -> 2 -> 1 at either block: a rotated loop.
const ROTATED = [[1, 2], [2], [1, 3], []];

it('copies the block in which a loop is entered besides its header', () => {
  expect(dispatchNodes(ROTATED)).toBe(1);
  const { blocks: split, successors, redirected } = splitEntries(blocks(ROTATED), ROTATED);
  expect(successors).toEqual([[1, 4], [2], [1, 3], [], [1, 3]]);
  expect(split[4]?.pc).toBe(8);
  expect(redirected).toEqual(new Map([[0, new Map([[2, 4]])]]));
  expect(dispatchNodes(successors)).toBe(0);
});

// A loop unrolled by two (2, 3) inside of another (1), entered from outside of both at 3.
const UNROLLED = [[1, 3], [2], [3, 1], [2, 4], [1, 5], []];

it('keeps an inner loop at one entry, though the outer one has several', () => {
  const { successors } = splitEntries(blocks(UNROLLED), UNROLLED);
  // The way from 0 goes to a copy, so that 3 is reached from 2 alone.
  expect(successors[0]).not.toContain(3);
  expect(successors.flatMap((to, n) => (to.includes(3) ? [n] : []))).toEqual([2]);
});

// 0 enters the loop at 1 and at 2, and every way around goes through both of 2 and 5.
const CUT = [[1, 2], [3, 4], [1, 4], [5], [5], [2, 6], []];

it('copies the first way through a loop up to the block that stays its entry', () => {
  const graph = CUT;
  expect(dispatchNodes(graph)).toBe(1);
  const { blocks: split, successors, redirected } = splitEntries(blocks(graph), graph);
  expect(dispatchNodes(successors)).toBe(0);
  // Every branch finds the copy that it goes to by the block's own number
  successors.forEach((to, n) => {
    const t = (split[n] as Block).terminator;
    const pcs = t.kind === 'branch' ? [t.taken, t.fallThrough] : t.kind === 'jump' ? [t.target] : [];
    expect(pcs.filter((pc) => pc < 28).map((pc) => redirected.get(n)?.get(pc / 4) ?? pc / 4)).toEqual(to);
  });
});

it('leaves long blocks and loops of one entry alone', () => {
  expect(splitEntries(blocks(ROTATED, 100), ROTATED).redirected.size).toBe(0);
  const simple = [[1], [2, 3], [1], []];
  expect(splitEntries(blocks(simple), simple).blocks.length).toBe(4);
});

it('leaves the way back to a loop header direct, where the loop around it gets a dispatch node', () => {
  // 1 and 2 are entries of the outer loop; 2 is the header of a loop with 3.
  const graph = structure({ successors: [[1, 2], [2], [3], [2, 1]], root: 0 }, () => false);
  const dispatch = graph.firstDispatch;
  expect(graph.entries.map((entries) => [...entries].sort())).toEqual([[1, 2]]);
  expect(graph.successors[0]).toEqual([dispatch]);
  expect(graph.successors[3]).toEqual([2, dispatch]);
});
