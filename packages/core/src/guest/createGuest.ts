import { createAArch64 } from './aarch64/aarch64.ts';
import { CPU_MODEL_NAMES } from './aarch64/cpuModels.ts';
import type { Guest } from './guest.ts';

/** A guest by the names that files keep: Guest.name, and that of its CPU. @returns undefined where there is none such */
export function createGuest(name: string, cpu: string): Guest | undefined {
  const model = CPU_MODEL_NAMES.find((each) => each === cpu);
  return name === 'aarch64' && model !== undefined ? createAArch64(model) : undefined;
}
