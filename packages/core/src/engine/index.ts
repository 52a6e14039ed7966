export * from './addressSpace.ts';
export { AddressSpaces } from './addressSpaces.ts';
export * from './cpuState.ts';
export { EvaluatorMachine } from './evaluatorMachine.ts';
export { HIGH_WINDOW, PAGE } from './guestStorage.ts';
export * from './linearMemory.ts';
export * from './machine.ts';
export * from './seams.ts';
export { createMachine, OPTIMISATIONS } from './wasmMachine.ts';
