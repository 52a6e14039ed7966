import type { LinuxProcess } from '../process.ts';

/** Bits of a robust futex's word: its owner's thread number, that the owner died, that somebody waits. */
const TID_MASK = 0x3fff_ffff;
const OWNER_DIED = 0x4000_0000;
const WAITERS = 0x8000_0000;

/** Longest list that is followed, as in Linux. */
const LIMIT = 2048;

/**
 * Tells those who wait for a thread's robust mutexes that their owner died. The list in guest memory (struct
 * robust_list_head):
 *
 *     head + 0    first entry, or head; each entry begins with the address of the next (bit 0: a PI futex)
 *     head + 8    offset of the futex word from an entry
 *     head + 16   an entry that is being taken or given back, or 0
 */
export function releaseRobustList(process: LinuxProcess, head: number, tid: number): void {
  const header = process.space.kernelRead(head, 24);
  if (header === undefined) return;
  const view = new DataView(header.buffer);
  const pointer = (at: number): number => Number(BigInt.asUintN(52, view.getBigUint64(at, true)));
  const offset = Number(view.getBigInt64(8, true));
  const pending = pointer(16);
  let entry = pointer(0);
  for (let count = 0; (entry & ~1) !== head && entry !== 0 && count < LIMIT; count++) {
    const at = entry % 2 === 0 ? entry : entry - 1;
    const next = process.space.kernelRead(at, 8);
    if (at !== pending) ownerDied(process, at + offset, tid);
    if (next === undefined) break;
    entry = Number(BigInt.asUintN(52, new DataView(next.buffer).getBigUint64(0, true)));
    if (entry === head) break;
  }
  if (pending !== 0) ownerDied(process, pending + offset, tid);
}

function ownerDied(process: LinuxProcess, address: number, tid: number): void {
  const bytes = process.space.kernelRead(address, 4);
  if (bytes === undefined) return;
  const view = new DataView(bytes.buffer);
  const word = view.getUint32(0, true);
  if ((word & TID_MASK) !== tid) return;
  view.setUint32(0, (word & WAITERS) | OWNER_DIED, true);
  process.space.kernelWrite(address, bytes);
  if ((word & WAITERS) !== 0) process.kernel.futexes.wake(process, address, 1);
}
