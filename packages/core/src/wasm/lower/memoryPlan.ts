import { type Block, OP_TABLE } from '../../ir/index.ts';
import type { Structured } from '../structure.ts';
import type { Context, LoopSlot } from './context.ts';
import { callFreeLoops, isCrowded, MAX_LOOP_SLOTS } from './loops.ts';
import { isStackAddress } from './memoryAccess.ts';
import { StackFrame } from './stackFrame.ts';

const isAccess = (x: Context, op: number): boolean => {
  const kind = OP_TABLE[x.buffer.op[op]]?.kind;
  return kind === 'load' || kind === 'store';
};

/** Stack accesses share a slot held in locals where there are at least two of them, and a frame where they can. */
export function planStackSlot(
  x: Context,
  blocks: readonly Block[],
  successors: readonly (readonly number[])[],
  stackMoves: readonly number[],
  entries: readonly number[],
): void {
  const { disabled } = x.options;
  if (disabled.has('stack-slot')) return;
  let accesses = 0;
  for (const { start, end } of blocks) {
    for (let i = start; i < end; i++) if (isAccess(x, i) && isStackAddress(x, x.buffer.a[i])) accesses++;
  }
  if (accesses < 2) return;
  x.stackLo = x.body.local('i64');
  x.stackLimit = x.body.local('i64');
  x.stackDelta = x.body.local('i32');
  if (disabled.has('stack-frame')) return;
  const frame = new StackFrame(blocks, x.accesses, stackMoves, successors, entries, (i) => OP_TABLE[x.buffer.op[i]]?.bytes ?? 0);
  if (frame.usable) x.frame = frame;
}

/**
 * Gives accesses in loops without calls slots whose contents stand in locals, where the host has registers for them.
 * @returns the slots to load before a loop, by its header
 */
export function planLoopSlots(x: Context, blocks: readonly Block[], graph: Structured): Map<number, LoopSlot[]> {
  const slotsOfLoop = new Map<number, LoopSlot[]>();
  if (x.options.disabled.has('loop-slots')) return slotsOfLoop;
  const loopOf = callFreeLoops(graph, blocks);
  // Of a block that is in the region twice, the loop may hold one only.
  const times = new Map<Block, number>();
  for (const block of blocks) times.set(block, (times.get(block) ?? 0) + 1);
  const bodies = new Map<number, number[]>();
  for (const node of blocks.keys()) bodies.set(loopOf[node], [...(bodies.get(loopOf[node]) ?? []), node]);
  const crowded = new Set([...bodies].filter(([, body]) => isCrowded(body, x.liveness.touched)).map(([header]) => header));
  blocks.forEach((block, node) => {
    const header = loopOf[node];
    if (header < 0 || crowded.has(header) || times.get(block) !== 1) return;
    let slots = slotsOfLoop.get(header);
    if (slots === undefined) {
      slots = [];
      slotsOfLoop.set(header, slots);
    }
    for (let i = block.start; i < block.end && slots.length < MAX_LOOP_SLOTS; i++) {
      if (!isAccess(x, i)) continue;
      const group = x.accesses.groupOf(i);
      if ((group !== undefined && group.first !== i) || x.accesses.isStack[i] === 1) continue;
      const slot: LoopSlot = { slot: x.options.allocateSlot(), lo: x.body.local('i64'), limit: x.body.local('i64'), delta: x.body.local('i32') };
      slots.push(slot);
      x.loopSlots.set(i, slot);
    }
  });
  return slotsOfLoop;
}
