import type { Block, IrBuffer } from '../../ir/index.ts';
import { OP_TABLE } from '../../ir/index.ts';
import type { Accesses } from './accessGroups.ts';

/*
 * Where an access faults, the CPU state in memory must be that before its instruction. Two ways lead there:
 * - write through: registers that were set since the last check are stored before the next one, always;
 * - defer: every check has code of its own, run only where it fails, that stores all registers that may be dirty.
 * Deferring costs nothing while nothing fails, but the code: a third of all Wasm of flat programs, and V8's time for it.
 * Small loops without calls defer, everything else writes through.
 */

/** Loops with more blocks write through. */
const MAX_DEFERRING_BLOCKS = 24;

/**
 * The blocks that defer.
 * @param loopOf for each node the header of the call-free loop that it is in, or -1
 */
export function deferringBlocks(loopOf: Int32Array, count: number, isWritingThrough: boolean): Uint8Array {
  const defers = new Uint8Array(count).fill(isWritingThrough ? 0 : 1);
  const size = new Map<number, number>();
  for (let node = 0; node < count; node++) size.set(loopOf[node], (size.get(loopOf[node]) ?? 0) + 1);
  for (let node = 0; node < count; node++) if (loopOf[node] >= 0 && (size.get(loopOf[node]) as number) <= MAX_DEFERRING_BLOCKS) defers[node] = 1;
  return defers;
}

/** The last op of a block before which all dirty registers are stored for certain: a frame may not need its check; -1: there is none. */
export function lastWriteThrough({ op, c }: IrBuffer, block: Block, accesses: Accesses): number {
  for (let i = block.end - 1; i >= block.start; i--) {
    const kind = OP_TABLE[op[i]]?.kind;
    if ((kind !== 'load' && kind !== 'store') || c[i] >= 0 || accesses.isStack[i] === 1) continue;
    const group = accesses.groupOf(i);
    if (group === undefined || group.first === i) return i;
  }
  return -1;
}
