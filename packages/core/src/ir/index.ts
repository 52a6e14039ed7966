export * from './buffer.ts';
export * from './builder.ts';
export * from './evaluator.ts';
export * from './flags.ts';
export * from './helpers.ts';
export * from './ops.ts';
export * from './state.ts';
