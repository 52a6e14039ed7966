import { probeModule } from '../wasm/index.ts';

/** Whether the host has relaxed SIMD. */
export const hasRelaxedSimd = (): boolean => WebAssembly.validate(probeModule());

/**
 * Whether the host's relaxed multiply-add is there and rounds once, for both widths: the probe multiplies numbers
 * whose product is inexact and subtracts the rounded product, which leaves the error where it is fused and 0 else.
 */
export function hasFusedMadd(): boolean {
  const wasm = probeModule();
  if (!WebAssembly.validate(wasm)) return false;
  const { single, double } = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports as { single(): number; double(): number };
  return single() !== 0 && double() !== 0;
}
