export { checkJournal, type JournalFacts } from './checkJournal.ts';
export { EntryCursor, EntryKind, type EntryKindNumber } from './entries.ts';
export { MAX_FRAME as MAX_RECORDING_FRAME, SIGNATURE as RECORDING_SIGNATURE, type RecordedFault, RecordingDamage, type RecordingHeader, type RunEnd } from './format.ts';
export { JournalReader, type JournalSource, readRecordingHeader } from './journalReader.ts';
export { type JournalSink, JournalWriter } from './journalWriter.ts';
export { type PackedFile, type PackOptions, packJournal } from './packJournal.ts';
