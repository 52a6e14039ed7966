export * from './base/index.ts';
export * from './engine/index.ts';
export * from './guest/index.ts';
export * from './ir/index.ts';
export * from './linux/index.ts';
export * from './plugin/index.ts';
export * from './symbols/index.ts';
export * from './trace/index.ts';
export { printModule } from './wasm/index.ts';
