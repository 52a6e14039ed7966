import { ElfFile, type JournalReader, MAX_RECORDING_FRAME, ObjectFile, type PackedFile, Replayer, recordedGuest, UserError } from '@everystep/core';
import { engineHooks } from '../../host/engineHooks.ts';
import { symbolHost } from '../../trace/symbolHost.ts';
import { recordedFileReader } from '../recordedFiles.ts';

/**
 * The programs and libraries of a recording, and the files with their debugging information where that has been split off.
 * The recording is replayed to learn which they are.
 * @param warn takes a line about each that cannot be read
 */
export function symbolFiles(journal: JournalReader, path: string, warn: (line: string) => void): readonly PackedFile[] {
  const replayer = new Replayer({ guest: recordedGuest(journal), journal, machine: { hooks: engineHooks() } });
  replayer.run();
  const read = recordedFileReader(path, journal);
  const files = new Map<string, Uint8Array>();
  const take = (name: string): Uint8Array | undefined => {
    const bytes = files.get(name) ?? read(name);
    if (bytes === undefined || bytes.length > MAX_RECORDING_FRAME) return undefined;
    files.set(name, bytes);
    return bytes;
  };
  for (const name of replayer.files.paths) {
    const bytes = read(name);
    if (bytes === undefined) warn(`${name} cannot be read: its code will have no names`);
    // A file of data needs no names.
    if (bytes === undefined || !isElf(bytes) || take(name) === undefined) continue;
    try {
      // Looks for the file with what was split off, and so takes it.
      new ObjectFile(name, new ElfFile(bytes, name), symbolHost(take));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  return [...files].filter(([, bytes]) => isElf(bytes)).map(([name, bytes]) => ({ path: name, bytes }));
}

const isElf = (bytes: Uint8Array): boolean => bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
