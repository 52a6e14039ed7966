import { CpuState } from '../engine/index.ts';
import type { Replayer } from './replayer.ts';

/** The registers of a thread, also of one that does not run; undefined: there is no such thread now. */
export function registersOf({ tid: running, machine, threads }: Replayer, tid: number): CpuState | undefined {
  if (tid === running) return machine.cpu;
  const saved = threads.get(tid)?.state;
  return saved && CpuState.ofSaved(machine.guest.state, new Uint8Array(saved.buffer, saved.byteOffset, saved.byteLength));
}
