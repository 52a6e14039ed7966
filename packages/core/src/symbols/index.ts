export { type CodeMappings, CodeNames } from './codeNames.ts';
export type { LineRow, SourceLine } from './dwarf/lineTable.ts';
export type { SymbolHost } from './host.ts';
export { ObjectFile, type ObjectFunction } from './objectFile.ts';
export { ObjectFiles } from './objectFiles.ts';
export { type CodePlace, type MappedCode, ProgramMap } from './programMap.ts';
export { writtenNames } from './writtenNames.ts';
