import { assert } from '../../base/index.ts';
import type { Block } from '../../ir/index.ts';
import type { Structured } from '../structure.ts';
import { leavesLocals } from './dataflow.ts';

/**
 * Where a region checks its budget: at the entry, at loop headers and behind calls. It goes on only if what is left
 * covers the longest path to the next check.
 */
export interface BudgetChecks {
  readonly isCheck: Uint8Array;
  /** Instructions from each node to the last one before the next check, along the longest path. */
  readonly need: Int32Array;
}

/**
 * @param blockAt number of the block at a pc
 * @param entries blocks besides the first at which the region can be entered
 */
export function planBudget(graph: Structured, blocks: readonly Block[], blockAt: ReadonlyMap<number, number>, entries: readonly number[]): BudgetChecks {
  const isCheck = new Uint8Array(graph.successors.length);
  const need = new Int32Array(graph.successors.length);
  isCheck[0] = 1;
  for (const entry of entries) isCheck[entry] = 1;
  graph.isLoopHeader.forEach((header, node) => {
    if (!header) return;
    if (node < graph.firstDispatch) isCheck[node] = 1;
    else for (const entry of graph.entries[node - graph.firstDispatch] as readonly number[]) isCheck[entry] = 1;
  });
  blocks.forEach((block, i) => {
    if (leavesLocals(block) && (graph.successors[i] as readonly number[]).length > 0) isCheck[behind(block, blockAt)] = 1;
  });
  for (let i = graph.reverse.length - 1; i >= 0; i--) {
    const node = graph.reverse[i];
    const successors = graph.successors[node] as readonly number[];
    let longest = 0;
    for (let k = 0; k < successors.length; k++) {
      const s = successors[k] as number;
      if (graph.order[s] > i && isCheck[s] === 0) longest = Math.max(longest, need[s]);
    }
    need[node] = longest + (blocks[node]?.insns ?? 0);
  }
  return { isCheck, need };
}

/** The block where a call or system call goes on. */
function behind({ terminator: t }: Block, blockAt: ReadonlyMap<number, number>): number {
  const pc = t.kind === 'syscall' ? t.next : t.kind === 'call' || t.kind === 'callIndirect' ? t.returnAddress : -1;
  const inside = blockAt.get(pc);
  assert(inside !== undefined, 'a call goes on at a block');
  return inside;
}
