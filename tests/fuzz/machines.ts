import { createMachine, EvaluatorMachine, type Machine } from '../../packages/core/src/engine/index.ts';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import type { CpuModelName } from '../../packages/core/src/guest/aarch64/cpuModels.ts';

/**
 * `wasm` is the product, all its code being hot, and `cold` the same, all cold; `evaluator` runs the IR op by op. A mismatch
 * of all is the translators', one of the others alone the engine's.
 */
export const MACHINE_KINDS = ['wasm', 'cold', 'evaluator'] as const;
export type MachineKind = (typeof MACHINE_KINDS)[number];

export const isMachineKind = (name: string): name is MachineKind => (MACHINE_KINDS as readonly string[]).includes(name);

/** A machine without a kernel: a system call is a test's mistake. */
export function createMachineOfKind(kind: MachineKind, cpu: CpuModelName, disabled: ReadonlySet<string>): Machine {
  const options = { guest: createAArch64(cpu), memoryPages: 0x1000, syscall: () => ({ exit: 99 }) };
  if (kind === 'evaluator') return new EvaluatorMachine(options);
  return createMachine({ ...options, disabled: kind === 'cold' ? disabled : new Set([...disabled, 'cold-code']) });
}
