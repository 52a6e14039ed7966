export { createAArch64 } from './aarch64/aarch64.ts';
export * from './guest.ts';
