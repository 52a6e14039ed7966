export { buildIdOf } from './buildId.ts';
export * from './elfConstants.ts';
export * from './elfFile.ts';
export * from './symbolTable.ts';
