export * from './dispatcher.ts';
export type { LoweringOptions } from './lower/context.ts';
export { conditionHolds } from './lower/flags.ts';
export * from './lower/helperModule.ts';
export { STACK_SLACK } from './lower/memoryAccess.ts';
export * from './lower/region.ts';
export * from './module.ts';
export * from './opcodes.ts';
export { printModule } from './printer.ts';
