import type { CpuModelName } from '../../packages/core/src/guest/aarch64/cpuModels.ts';

/** What QEMU calls a CPU model: of `max` it has more, which can be switched off. */
export const qemuCpu = (name: CpuModelName): string => (name === 'max' ? 'max,sve=off,sme=off' : name);
