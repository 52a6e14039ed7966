export * from './decoder.ts';
export * from './pattern.ts';
