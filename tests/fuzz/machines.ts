import { createMachine, EvaluatorMachine, type Machine } from '../../packages/core/src/engine/index.ts';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import type { CpuModelName } from '../../packages/core/src/guest/aarch64/cpuModels.ts';

/** `wasm` is the product; `evaluator` runs the IR op by op. A mismatch of both is the translators', one of `wasm` alone the engine's. */
export const MACHINE_KINDS = ['wasm', 'evaluator'] as const;
export type MachineKind = (typeof MACHINE_KINDS)[number];

export const isMachineKind = (name: string): name is MachineKind => (MACHINE_KINDS as readonly string[]).includes(name);

/** A machine without a kernel: a system call is a test's mistake. */
export function createMachineOfKind(kind: MachineKind, cpu: CpuModelName, disabled: ReadonlySet<string>): Machine {
  const options = { guest: createAArch64(cpu), memoryPages: 0x1000, syscall: () => ({ exit: 99 }) };
  return kind === 'wasm' ? createMachine({ ...options, disabled }) : new EvaluatorMachine(options);
}
