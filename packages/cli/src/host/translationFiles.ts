import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  utimesSync,
  writevSync,
} from 'node:fs';
import { join } from 'node:path';
import { fingerprint, type SavedBytes, type TranslationStore, UserError } from '@everystep/core';
import { hostErrorText } from '../log/hostError.ts';

/** A file that is used is marked as used at most so often, in milliseconds. */
const MARK_EVERY = 3_600_000;

/** Of the names of the files. */
export const SUFFIX = '.code';

/**
 * Translations in a folder of the user's, a file each, named after a fingerprint of what it is about. Files are written
 * under another name first and then renamed, so that several runs can use a folder at a time. When all are larger than
 * allowed, those go that have not been used for longest.
 */
export class TranslationFiles implements TranslationStore {
  private warned = false;
  /** Files that are kept open. */
  held = 0;

  /**
   * @param build what the translations depend on besides the keys: everystep's own code, the CPU model
   * @param limit most bytes of all files
   * @param warn is told, once, why translations cannot be kept
   * @throws UserError if the folder cannot be made
   */
  constructor(
    private readonly folder: string,
    private readonly build: string,
    private readonly limit: number,
    private readonly warn: (text: string) => void,
  ) {
    try {
      // What is in it is run: nobody else may write there.
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (!statSync(folder).isDirectory()) throw new Error('it is not a folder');
    } catch (error) {
      throw new UserError(`--cache: ${folder}: ${hostErrorText(error)}`);
    }
  }

  open(key: string): KeptBytes | undefined {
    return openKept(this.pathOf(key), this);
  }

  save(key: string, parts: readonly Uint8Array[]): void {
    const path = this.pathOf(key);
    const temporary = `${path}.${process.pid}`;
    try {
      const file = openSync(temporary, 'wx', 0o600);
      try {
        for (let i = 0; i < parts.length; i += MOST_PARTS) writeAll(file, parts.slice(i, i + MOST_PARTS));
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
      this.bound(path);
    } catch (error) {
      try {
        unlinkSync(temporary);
      } catch {
        // It is not there.
      }
      if (!this.warned) this.warn(`everystep: translations are not kept: ${hostErrorText(error)}\n`);
      this.warned = true;
    }
  }

  /** Where what is saved under a key is. */
  pathOf(key: string): string {
    const text = `${this.build} ${key}`;
    const words = new Uint32Array((text.length + 3) & ~3);
    for (let i = 0; i < text.length; i++) words[i] = text.charCodeAt(i);
    return join(this.folder, `${fingerprint(words)}${SUFFIX}`);
  }

  /** Removes what has not been used for longest, but not `path`, where there is too much. */
  private bound(path: string): void {
    const files = readdirSync(this.folder)
      .filter((name) => name.includes(SUFFIX))
      .flatMap((name) => {
        const file = join(this.folder, name);
        const status = statSync(file, { throwIfNoEntry: false });
        return status === undefined ? [] : [{ file, size: status.size, used: status.mtimeMs }];
      })
      .sort((a, b) => b.used - a.used);
    let total = 0;
    for (const { file, size } of files) {
      total += size;
      if (total > this.limit && file !== path) unlinkSync(file);
    }
  }
}

/** What was saved, as long as it is read. */
export interface KeptBytes extends SavedBytes {
  /** Whether nothing else has been saved in its place. */
  isPresent(): boolean;
}

/** Files that are kept open at most: what is in them stays the same though another run, or what compiles, has saved something else. */
const MOST_HELD = 64;

/** @returns undefined if there is no such file of ours */
export function openKept(path: string, holder: { held: number }): KeptBytes | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const status = fstatSync(file);
    if (!isOurs(status)) return undefined;
    mark(path, status);
    const isPresent = (): boolean => statSync(path, { throwIfNoEntry: false })?.ino === status.ino;
    if (holder.held >= MOST_HELD) return { read: (offset, length) => readAt(path, offset, length), isPresent };
    const held = file;
    holder.held++;
    file = undefined;
    return { read: (offset, length) => readFrom(held, offset, length), isPresent };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Remembers that a file has been used. */
function mark(path: string, { mtimeMs }: Stats): void {
  try {
    const now = Date.now();
    if (now - mtimeMs > MARK_EVERY) utimesSync(path, now / 1000, now / 1000);
  } catch {
    // A file of root's is used as it is.
  }
}

/** Whether nobody but this user and root can have written a file: it has code of the host's in it. */
function isOurs({ uid, mode }: Stats): boolean {
  const user = process.getuid?.();
  return user === undefined || ((uid === user || uid === 0) && (mode & 0o022) === 0);
}

/** Buffers that Linux takes in one call (IOV_MAX). */
const MOST_PARTS = 1024;

function writeAll(file: number, parts: readonly Uint8Array[]): void {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  if (writevSync(file, parts) !== size) throw new Error('no space left on device');
}

/** Opened each time: with more descriptors kept open, some would be wanting where the guest opens many files. */
function readAt(path: string, offset: number, length: number): Uint8Array | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      return readFrom(file, offset, length);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

function readFrom(file: number, offset: number, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
  } catch {
    return undefined;
  }
}
