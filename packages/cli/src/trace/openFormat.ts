import { FOLDER_FORMATS } from '@everystep/core';
import { type OutputFile, openFolder, openOutput } from './outputFile.ts';
import { DEFAULT_TRACE_FILE, type OutputSettings } from './traceOptions.ts';

/** Opens what a format is written to: a file, or a folder of files. @throws UserError if it cannot be */
export function openFormat({ format, output }: OutputSettings): OutputFile {
  if (format === 'none') return { fd: -1, name: 'nothing' };
  if (FOLDER_FORMATS.has(format)) return openFolder(output ?? `${format}.data`);
  return openOutput(output ?? (format === 'chunks' ? DEFAULT_TRACE_FILE : '-'));
}
