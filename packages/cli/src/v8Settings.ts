import { setFlagsFromString } from 'node:v8';

/**
 * V8's settings for running guests, by the first and last Node release that knows each (a flag that V8 does not know
 * prints an error). They change speed only.
 */
const SETTINGS: readonly { readonly flag: string; readonly from: number; readonly to: number }[] = [
  // Branch hints: 2 to 18 % on checked memory accesses.
  { flag: '--experimental-wasm-branch-hinting', from: 20, to: 24 },
  // Relaxed SIMD has the fused multiply-add; a release later it needs no flag.
  { flag: '--experimental-wasm-relaxed-simd', from: 20, to: 20 },
  // Optimising our own JavaScript, and Wasm that has run a few thousand times, costs short runs more than it gives:
  // 1.35 s of user time became 0.6 s for a static glibc program of 12 million instructions.
  { flag: '--interrupt-budget=1500000', from: 20, to: 20 },
  { flag: '--wasm-tiering-budget=8000000', from: 20, to: 20 },
];

/** Sets them. Before the first guest code is compiled. */
export function tuneV8(): void {
  const major = Number(process.versions.node.split('.')[0]);
  for (const { flag, from, to } of SETTINGS) if (major >= from && major <= to) setFlagsFromString(flag);
}
