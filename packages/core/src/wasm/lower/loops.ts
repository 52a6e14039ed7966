import type { Block } from '../../ir/index.ts';
import type { Structured } from '../structure.ts';
import { leavesLocals } from './dataflow.ts';

/** Memory check slots that a loop keeps in locals, at most: more of them, of three locals each, take the host's registers from the guest's. */
export const MAX_LOOP_SLOTS = 2;

/** A loop: its header, and every node that reaches the header without leaving it. */
export interface NaturalLoop {
  readonly header: number;
  readonly body: ReadonlySet<number>;
}

/** The loops of a region, outer ones before those inside them. */
export function naturalLoops(graph: Structured): NaturalLoop[] {
  if (!graph.isLoopHeader.includes(1)) return [];
  const predecessors: number[][] = graph.successors.map(() => []);
  graph.successors.forEach((list, node) => {
    if (graph.order[node] < 0) return;
    for (const s of list) (predecessors[s] as number[]).push(node);
  });
  const headers = [...graph.successors.keys()].filter((node) => graph.isLoopHeader[node]).sort((a, b) => graph.order[a] - graph.order[b]);
  return headers.map((header) => {
    const body = new Set([header]);
    const work = (predecessors[header] as number[]).filter((p) => graph.order[p] >= graph.order[header]);
    for (let node = work.pop(); node !== undefined; node = work.pop()) {
      if (body.has(node)) continue;
      body.add(node);
      work.push(...(predecessors[node] as number[]));
    }
    return { header, body };
  });
}

/** Registers of a loop that the host has, by and large, besides those that checks, the budget and linear memory take. */
const HOST_REGISTERS = 8;

/**
 * True if blocks of a loop touch more registers than the host has.
 * @param touched registers that each block uses or sets
 */
export function isCrowded(body: Iterable<number>, touched: readonly Uint32Array[]): boolean {
  const registers = new Set<number>();
  for (const node of body) {
    touched[node]?.forEach((word, w) => {
      for (let bits = word; bits !== 0; bits &= bits - 1) registers.add(w * 32 + Math.clz32(bits & -bits));
    });
  }
  return registers.size > HOST_REGISTERS;
}

/**
 * 1 for each block where a loop is entered and goes round that touches more registers than the host has; of a loop that has
 * several entries, for all of them.
 * @param touched registers that each block uses or sets
 */
export function crowdedLoopEntries(graph: Structured, touched: readonly Uint32Array[]): Uint8Array {
  const entries = new Uint8Array(graph.successors.length);
  for (const { header, body } of naturalLoops(graph)) {
    if (!isCrowded(body, touched)) continue;
    const starts = header < graph.firstDispatch ? [header] : (graph.entries[header - graph.firstDispatch] as readonly number[]);
    for (const start of starts) entries[start] = 1;
  }
  return entries;
}

/**
 * The outermost loops without calls: what they check their accesses against is loaded once, before the loop.
 * @returns for each node the header of its such loop, or -1
 */
export function callFreeLoops(graph: Structured, blocks: readonly Block[]): Int32Array {
  const loopOf = new Int32Array(graph.successors.length).fill(-1);
  for (const { header, body } of naturalLoops(graph)) {
    if (loopOf[header] >= 0 || [...body].some((node) => node < blocks.length && leavesLocals(blocks[node] as Block))) continue;
    for (const node of body) loopOf[node] = header;
  }
  return loopOf;
}
