export * from './blockLog.ts';
export * from './hostError.ts';
export * from './logFile.ts';
