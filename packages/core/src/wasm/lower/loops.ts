import type { Block } from '../../ir/index.ts';
import type { Structured } from '../structure.ts';
import { leavesLocals } from './liveness.ts';

/** Memory check slots that a loop keeps in locals, at most: more of them, of three locals each, take the host's registers from the guest's. */
export const MAX_LOOP_SLOTS = 2;

/** A loop: its header, and every node that reaches the header without leaving it. */
export interface NaturalLoop {
  readonly header: number;
  readonly body: ReadonlySet<number>;
}

/** The loops of a region, outer ones before those inside them. */
export function naturalLoops(graph: Structured): NaturalLoop[] {
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
