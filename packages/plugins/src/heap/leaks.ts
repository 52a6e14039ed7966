import type { PluginApi } from '@everystep/core';
import type { HeapBlock, HeapBlocks } from './blocks.ts';

/** Bytes of memory that are looked through at once. */
const PIECE = 0x10_0000;

/** Blocks that the program has not freed when it ends. */
export interface Leaks {
  /** Nothing points into them any more. */
  readonly lost: readonly HeapBlock[];
  /** Registers or memory still point to them, or to what does. */
  readonly reachable: readonly HeapBlock[];
}

/** Looks for pointers to blocks, in the registers and in all memory that is neither code nor the heap's, and from there on. */
export function findLeaks(api: PluginApi, blocks: HeapBlocks): Leaks {
  const sorted = [...blocks.live.values()].sort((a, b) => a.start - b.start);
  const reached = new Set<HeapBlock>();
  const open: HeapBlock[] = [];
  const point = (address: number): void => {
    const block = blockAt(sorted, address);
    if (block === undefined || reached.has(block)) return;
    reached.add(block);
    open.push(block);
  };
  for (const { name, bytes } of api.registers) if (bytes === 8 && name !== 'pc') point(Number(api.readRegister(name)));
  const look = (start: number, end: number, isRoot: boolean): void => {
    for (let at = start; at < end; at += PIECE) {
      const bytes = api.readMemory(at, Math.min(PIECE, end - at));
      if (bytes === undefined) continue;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let i = 0; i + 8 <= bytes.length; i += 8) {
        const high = view.getUint32(i + 4, true);
        const low = view.getUint32(i, true);
        if (high >= 0x1_0000 || (high === 0 && low === 0)) continue;
        const address = high * 0x1_0000_0000 + low;
        if (blockAt(sorted, address) === undefined) continue;
        if (!isRoot || !blocks.isHeap(at + i)) point(address);
      }
    }
  };
  const stackPointer = Number(api.readRegister('sp'));
  for (const { start, end, executable } of api.mappings) {
    // Below the stack pointer is what has been.
    if (!executable) look(stackPointer > start && stackPointer < end ? stackPointer : start, end, true);
  }
  for (let block = open.pop(); block !== undefined; block = open.pop()) look(Math.ceil(block.start / 8) * 8, block.start + block.size, false);
  return { lost: sorted.filter((block) => !reached.has(block)), reachable: [...reached] };
}

/** The block that an address is in. */
function blockAt(sorted: readonly HeapBlock[], address: number): HeapBlock | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle].start <= address) low = middle + 1;
    else high = middle;
  }
  const block = sorted[low - 1];
  return block !== undefined && address < block.start + Math.max(block.size, 1) ? block : undefined;
}
