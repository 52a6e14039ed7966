import { probeModule } from '../wasm/index.ts';
import { type EngineModules, makeEngineModule } from './seams.ts';

/** What WebAssembly has on this host beyond what everystep needs. */
export interface HostFeatures {
  readonly relaxedSimd: boolean;
  /** Whether the relaxed multiply-add is there and rounds once, for both widths. */
  readonly fusedMadd: boolean;
}

/**
 * Looks what the host has. The probe multiplies numbers whose product is inexact and subtracts the rounded product, which
 * leaves the error where it is fused and 0 else.
 */
export function hostFeatures(engineModule: EngineModules = makeEngineModule): HostFeatures {
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(engineModule('probe', () => probeModule()));
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    return { relaxedSimd: false, fusedMadd: false };
  }
  const { single, double } = new WebAssembly.Instance(module).exports as { single(): number; double(): number };
  return { relaxedSimd: true, fusedMadd: single() !== 0 && double() !== 0 };
}
