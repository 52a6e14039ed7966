import { utf8Bytes } from '../../base/index.ts';
import type { Compression } from '../../trace/index.ts';
import { EntryEncoder } from './entryEncoder.ts';
import { FrameKind, fileStart, frameParts, type RecordingHeader } from './format.ts';
import type { JournalReader } from './journalReader.ts';

/** Bytes of entries that make a frame of a packed journal: it is compressed better than small ones. */
const PACKED_BYTES = 0x10_0000;

/** A file of the recorded system. */
export interface PackedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface PackOptions {
  readonly compression: Compression;
  /** What the header calls it. */
  readonly compressionName: NonNullable<RecordingHeader['compression']>;
  readonly files: readonly PackedFile[];
  /** Takes the new journal's bytes. Throws what the host throws. */
  readonly write: (bytes: Uint8Array) => void;
}

/** Writes a journal anew, compressed as strongly as the options say, with files of the recorded system in it. @throws RecordingDamage */
export function packJournal(journal: JournalReader, { compression, compressionName, files, write }: PackOptions): void {
  const put = (kind: number, step: number, lastStep: number, data: Uint8Array): void => {
    const packed = compression.compress(data);
    for (const part of frameParts(kind, { step, lastStep }, data.length, packed.length < data.length ? packed : data)) write(part);
  };
  write(fileStart({ ...journal.header, compression: compressionName, files: files.map(({ path }) => path) }));
  for (let i = 0; i < journal.contentsCount; i++) put(FrameKind.contents, 0, 0, journal.contents(i));
  const entries = new EntryEncoder(PACKED_BYTES);
  let first = 0;
  for (let i = 0; i < journal.frameCount; i++) {
    entries.all(journal.entries(i), journal.stepOf(i));
    if (entries.plain < PACKED_BYTES && i + 1 < journal.frameCount) continue;
    put(FrameKind.entries, journal.stepOf(first), journal.lastStepOf(i), entries.take());
    entries.reset();
    first = i + 1;
  }
  for (const { bytes } of files) put(FrameKind.file, 0, 0, bytes);
  const { end, lastStep } = journal;
  if (end !== undefined) put(FrameKind.end, lastStep, lastStep, Uint8Array.from(utf8Bytes(JSON.stringify(end))));
}
