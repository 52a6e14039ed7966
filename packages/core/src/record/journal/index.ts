export { checkJournal, type JournalFacts } from './checkJournal.ts';
export { EntryCursor, EntryKind, type EntryKindNumber } from './entries.ts';
export {
  MAX_FRAME as MAX_RECORDING_FRAME,
  type RecordedFault,
  RecordingDamage,
  type RecordingHeader,
  type RunEnd,
  SIGNATURE as RECORDING_SIGNATURE,
} from './format.ts';
export { JournalReader, type JournalSource, readRecordingHeader } from './journalReader.ts';
export { type JournalSink, JournalWriter } from './journalWriter.ts';
export { type PackedFile, type PackOptions, packJournal } from './packJournal.ts';
