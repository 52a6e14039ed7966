export * from './bits.ts';
export * from './brand.ts';
export * from './byteReader.ts';
export * from './byteWriter.ts';
export * from './crc32.ts';
export * from './glob.ts';
export { inflate } from './inflate.ts';
export * from './layout.ts';
export * from './lazy.ts';
