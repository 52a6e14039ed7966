export * from './addressFilter.ts';
export * from './debugAddress.ts';
export * from './help.ts';
export * from './logItems.ts';
export * from './optionsDocument.ts';
export * from './optionTable.ts';
export * from './parseOptions.ts';
export * from './runOptions.ts';
