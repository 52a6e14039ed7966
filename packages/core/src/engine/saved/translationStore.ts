/** Bytes that were saved before, read as they are needed. */
export interface SavedBytes {
  /** The bytes offset..offset + length; undefined where they cannot be read. */
  read(offset: number, length: number): Uint8Array | undefined;
}

/**
 * Keeps translations from one run to the next, outside the machine (a folder, a browser's storage). What it gives may be
 * old, cut short or damaged: then it is as if there were nothing. A store is for one build of everystep and one setting of
 * everything that translations depend on besides the code: CPU model, optimisations, the host's Wasm features.
 */
export interface TranslationStore {
  /** What was saved last under a key, which is a short line of ASCII; undefined: nothing. */
  open(key: string): SavedBytes | undefined;
  /** Saves the parts, one behind the other, in place of what was under the key, entirely or not at all. */
  save(key: string, parts: readonly Uint8Array[]): void;
}
