import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import type { LinuxProcess } from '../process.ts';
import { findProc } from '../procfs/find.ts';
import type { ProcNode } from '../procfs/node.ts';
import { nodeStat } from '../procfs/openFiles.ts';
import type { OpenFile } from './openFile.ts';
import { AT_FDCWD, join } from './pathLookup.ts';

/** Links of /proc that one path may lead through. */
const LINK_LIMIT = 40;

/** What a path of the guest's names. */
export type Place =
  /** A file of the host's, which need not be there. */
  | { readonly kind: 'host'; readonly path: ByteString }
  /** Something of /proc that the virtual kernel makes. */
  | { readonly kind: 'node'; readonly node: ProcNode; readonly path: ByteString }
  /** An open file, reached by way of /proc/PID/fd. */
  | { readonly kind: 'open'; readonly file: OpenFile };

/**
 * Finds what a path names, which the caller only looks at or changes, but does not make or remove.
 * @param follow whether a symbolic link as the last part is followed
 * @throws LinuxError ENOENT, ENOTDIR, EBADF, ELOOP
 */
export function locate(process: LinuxProcess, dirfd: number, path: ByteString, follow = true): Place {
  const { paths } = process;
  const given = paths.absolute(dirfd, path);
  // A path below an open directory of the host's begins with everystep's own descriptor of it.
  const place = isBelowHostFolder(process, dirfd, path) ? undefined : locateProc(process, given, follow, 0);
  if (place !== undefined) return place;
  return { kind: 'host', path: path.startsWith('/') ? paths.inSysroot(given, follow) : given };
}

const isBelowHostFolder = ({ files }: LinuxProcess, dirfd: number, path: ByteString): boolean =>
  !path.startsWith('/') && dirfd !== AT_FDCWD && files.get(dirfd).handle !== undefined;

/** @returns undefined for a path that has nothing to do with /proc and the like */
function locateProc(process: LinuxProcess, path: ByteString, follow: boolean, links: number): Place | undefined {
  if (!path.includes('proc') && !path.startsWith('/dev/')) return undefined;
  const found = findProc(process, path);
  if (found === undefined || found.kind === 'host') return found;
  const { node, rest } = found;
  // The links in /dev are the host's, too.
  if (rest.length === 0 && !follow && found.path.startsWith('/dev/')) return { kind: 'host', path: found.path };
  if (node.kind !== 'link' || (rest.length === 0 && !follow && !path.endsWith('/'))) return { kind: 'node', node, path: found.path };
  if (links >= LINK_LIMIT) throw new LinuxError(Errno.ELOOP);
  if (node.file !== undefined) {
    if (rest.length === 0) return { kind: 'open', file: node.file };
    const base = process.paths.handlePath(node.file);
    const below = rest.join('/') as ByteString;
    if (base === undefined) return onward(process, join(node.file.name, below), follow, links);
    // The host's descriptor, not one of the guest's.
    return { kind: 'host', path: join(base, below) };
  }
  const target = node.target.startsWith('/') ? node.target : join(found.path.slice(0, found.path.lastIndexOf('/') + 1) as ByteString, node.target);
  return onward(process, (rest.length === 0 ? target : join(target, rest.join('/') as ByteString)) as ByteString, follow, links);
}

function onward(process: LinuxProcess, path: ByteString, follow: boolean, links: number): Place {
  return locateProc(process, path, follow, links + 1) ?? { kind: 'host', path };
}

/** The host's path of what a path names. @throws LinuxError EPERM where it names something that the host does not have */
export function hostPath(process: LinuxProcess, dirfd: number, path: ByteString, follow = true): ByteString {
  const place = locate(process, dirfd, path, follow);
  if (place.kind === 'host') return place.path;
  const known = place.kind === 'open' ? process.paths.handlePath(place.file) : undefined;
  if (known === undefined) throw new LinuxError(Errno.EPERM);
  return known;
}

/** The host's path of a name that is to be made or removed: in the sysroot only if it is there. */
export function namePath(process: LinuxProcess, dirfd: number, path: ByteString): ByteString {
  const trimmed = path.replace(/(?<=[^/])\/+$/, '') as ByteString;
  const found = hostPath(process, dirfd, trimmed, false);
  return trimmed === path ? found : (`${found}/` as ByteString);
}

/** What stat tells of a place. */
export function placeStat(process: LinuxProcess, place: Place, follow: boolean): HostStat {
  switch (place.kind) {
    case 'host':
      return process.host.statPath(place.path, follow);
    case 'open':
      return place.file.stat();
    case 'node':
      return nodeStat(process, place.node, place.path);
  }
}
