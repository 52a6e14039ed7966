import type { ByteString } from '../byteString.ts';
import { LinuxError } from '../errno.ts';
import type { OpenFile } from '../files/openFile.ts';
import { DIRECTORY, TYPE_MASK } from '../files/pathLookup.ts';
import type { Host } from '../host.ts';
import { type FileKey, keyOf, type Subject } from './fileWatches.ts';

/** undefined where it fails: then nothing has happened that could be told. */
export function attempt<T>(operation: () => T): T | undefined {
  try {
    return operation();
  } catch (error) {
    if (error instanceof LinuxError) return undefined;
    throw error;
  }
}

const nameOf = (path: ByteString): ByteString => path.slice(path.lastIndexOf('/') + 1) as ByteString;

const folderOf = (host: Host, path: ByteString): FileKey | undefined =>
  attempt(() => keyOf(host.statPath((path.slice(0, path.lastIndexOf('/')) || '/') as ByteString, true)));

/** A name that is to be made, or was removed. @returns undefined where its directory is not there */
export function placeOf(host: Host, path: ByteString): { readonly folder: FileKey; readonly name: ByteString } | undefined {
  const plain = path.replace(/\/+$/, '') as ByteString;
  const folder = folderOf(host, plain);
  return folder && { folder, name: nameOf(plain) };
}

/** What a path of the host's leads to. */
export function subjectAt(host: Host, path: ByteString, follow: boolean): Subject | undefined {
  return attempt(() => {
    const stat = host.statPath(path, follow);
    const real = follow ? host.realPath(path) : (path.replace(/\/+$/, '') as ByteString);
    return { key: keyOf(stat), isDirectory: (stat.mode & TYPE_MASK) === DIRECTORY, links: stat.links, folder: folderOf(host, real), name: nameOf(real) };
  });
}

/** What an open file is; undefined where it is none of the host's. */
export function subjectOf(host: Host, { handle }: OpenFile): Subject | undefined {
  if (handle === undefined) return undefined;
  return attempt(() => {
    const stat = host.stat(handle);
    const told = host.handleName(handle);
    // It is still told of where it had its last name.
    const path = (stat.links === 0 ? told.replace(/ \(deleted\)$/, '') : told) as ByteString;
    const folder = path.startsWith('/') ? folderOf(host, path) : undefined;
    return { key: keyOf(stat), isDirectory: (stat.mode & TYPE_MASK) === DIRECTORY, links: stat.links, folder, name: nameOf(path) };
  });
}
