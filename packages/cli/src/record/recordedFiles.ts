import type { JournalReader } from '@everystep/core';
import { readHostFile } from '../trace/symbolHost.ts';
import { openRecording } from './recordingFolder.ts';

/** Reads files of a recorded system: out of the recording if it has them, else here. @returns undefined where a file cannot be had */
export function recordedFileReader(path: string, journal: JournalReader = openRecording(path)): (file: string) => Uint8Array | undefined {
  return (file) => journal.file(file) ?? readHostFile(file);
}
