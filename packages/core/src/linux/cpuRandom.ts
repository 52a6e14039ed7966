import type { CpuState } from '../engine/index.ts';
import type { Guest, LinuxAbi } from '../guest/index.ts';
import { InputKind } from '../ir/index.ts';
import { GuestRandom } from './guestRandom.ts';
import type { Host } from './host.ts';

/** Fills an array with random bytes. */
export type FillRandom = (into: Uint8Array) => void;

/**
 * Random numbers as the CPU and the loader draw them, from one stream, as under QEMU: AT_RANDOM, the keys of pointer
 * authentication, then what the program asks its CPU for.
 */
export function createCpuRandom(seed: bigint): FillRandom {
  const random = new GuestRandom(seed);
  return (into) => random.fill(into);
}

/** Draws new keys. */
export function drawPointerKeys(cpu: CpuState, keys: LinuxAbi['pointerKeys'], random: FillRandom): void {
  const bytes = new Uint8Array(8);
  for (const name of keys.flat()) {
    random(bytes);
    cpu.setByName(name, new DataView(bytes.buffer).getBigUint64(0, true));
  }
}

/** What `input` ops read: the counter runs with the time of day, as QEMU's does. */
export function createInputs(guest: Guest, host: Host, random: FillRandom): (kind: number) => bigint {
  const bytes = new Uint8Array(8);
  const nanosecondsPerTick = 1_000_000_000n / BigInt(guest.linux.counterFrequency);
  return (kind) => {
    if (kind === InputKind.counter) return host.realTime() / nanosecondsPerTick;
    random(bytes);
    return new DataView(bytes.buffer).getBigUint64(0, true);
  };
}
