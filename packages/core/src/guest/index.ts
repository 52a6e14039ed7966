export { createAArch64 } from './aarch64/aarch64.ts';
export { CPU_MODEL_NAMES, type CpuModelName } from './aarch64/cpuModels.ts';
export { createGuest } from './createGuest.ts';
export * from './guest.ts';
export * from './insnClass.ts';
export * from './signalFrames.ts';
