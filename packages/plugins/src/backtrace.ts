import type { PluginApi } from '@everystep/core';

/** Frames that are looked at at most. */
const MOST_FRAMES = 1024;

/**
 * Where the thread that runs is, and where each caller will go on, the innermost first, as frame records tell: x29 points to
 * the caller's x29 and to the return address behind it (AAPCS64 6.4.6). Functions without a frame of their own are left out.
 * @param most frames
 */
export function backtrace(api: PluginApi, most = MOST_FRAMES): readonly number[] {
  const pcs = [Number(api.readRegister('pc'))];
  let frame = Number(api.readRegister('x29'));
  while (pcs.length < most && frame !== 0 && Number.isSafeInteger(frame)) {
    const record = api.readMemory(frame, 16);
    if (record === undefined) break;
    const view = new DataView(record.buffer, record.byteOffset);
    const next = Number(view.getBigUint64(0, true));
    const returnAddress = Number(view.getBigUint64(8, true));
    // Frames lie one above the other.
    if (returnAddress === 0 || !Number.isSafeInteger(returnAddress)) break;
    pcs.push(returnAddress);
    if (next <= frame) break;
    frame = next;
  }
  return pcs;
}
