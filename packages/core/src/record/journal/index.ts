export { EntryCursor, EntryKind, type EntryKindNumber } from './entries.ts';
export { RecordingDamage, type RecordingHeader, type RunEnd } from './format.ts';
export { JournalReader, type JournalSource } from './journalReader.ts';
export { type JournalSink, JournalWriter } from './journalWriter.ts';
