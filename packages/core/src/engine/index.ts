export * from './addressSpace.ts';
export * from './cpuState.ts';
export * from './linearMemory.ts';
export * from './machine.ts';
export * from './seams.ts';
