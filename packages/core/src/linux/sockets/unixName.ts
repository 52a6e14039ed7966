import { type ByteString, byteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { hostPath, namePath } from '../files/locate.ts';
import { AT_FDCWD, TYPE_MASK } from '../files/pathLookup.ts';
import type { LinuxProcess } from '../process.ts';
import { familyOf } from './address.ts';
import { AF } from './constants.ts';
import type { Socket } from './socket.ts';

/** S_IFSOCK, and W_OK. */
const SOCKET = 0o140000;
const W_OK = 2;

/** Most bytes of struct sockaddr_un. */
const LARGEST = 110;

/** What stands for a name that a socket has, or that one looks for. */
export type UnixKey = string;

/** The sockets with names that guests have, of one virtual kernel. */
export class UnixNames {
  private readonly sockets = new Map<UnixKey, Socket>();
  private next = 0;

  has(key: UnixKey): boolean {
    return this.sockets.has(key);
  }

  find(key: UnixKey): Socket | undefined {
    return this.sockets.get(key);
  }

  set(key: UnixKey, socket: Socket): void {
    this.sockets.set(key, socket);
  }

  remove(key: UnixKey): void {
    this.sockets.delete(key);
  }

  /** An abstract name that nobody has: a NUL and five digits. */
  unused(): Uint8Array {
    for (;;) {
      const digits = (++this.next & 0xf_ffff).toString(16).padStart(5, '0');
      const name = Uint8Array.from([AF.unix, 0, 0, ...digits].map((c) => (typeof c === 'number' ? c : c.charCodeAt(0))));
      if (!this.has(abstractKey(name))) return name;
    }
  }
}

/** A socket without a name. */
export const UNNAMED = Uint8Array.of(AF.unix, 0);

const isAbstract = (name: Uint8Array): boolean => name[2] === 0;
const abstractKey = (name: Uint8Array): UnixKey => `@${byteString(name.subarray(2))}`;

/** The bytes of a name of the file system's, up to its NUL. */
function pathOf(name: Uint8Array): ByteString {
  const end = name.indexOf(0, 2);
  return byteString(name.subarray(2, end < 0 ? name.length : end));
}

/** @throws LinuxError EINVAL, EAFNOSUPPORT */
export function checkUnixName(name: Uint8Array): void {
  if (name.length > LARGEST) throw new LinuxError(Errno.EINVAL);
  if (familyOf(name) !== AF.unix) throw new LinuxError(Errno.EINVAL);
}

/** Whether a name of the file system's is there already. */
export function isUnixPathTaken(process: LinuxProcess, name: Uint8Array): boolean {
  if (name.length === 2 || isAbstract(name)) return false;
  try {
    process.host.statPath(namePath(process, AT_FDCWD, pathOf(name)), false);
    return true;
  } catch (error) {
    if (error instanceof LinuxError) return false;
    throw error;
  }
}

/** Gives a socket a name. @returns its key, and the name as getsockname tells it. @throws LinuxError EADDRINUSE */
export function claimUnixName(process: LinuxProcess, names: UnixNames, name: Uint8Array, socket: Socket): { readonly key: UnixKey; readonly name: Uint8Array } {
  const full = name.length === 2 ? names.unused() : name;
  if (isAbstract(full)) {
    const key = abstractKey(full);
    if (names.has(key)) throw new LinuxError(Errno.EADDRINUSE);
    names.set(key, socket);
    return { key, name: full.slice() };
  }
  const text = pathOf(full);
  const path = namePath(process, AT_FDCWD, text);
  try {
    process.host.makeSocket(path, 0o777 & ~process.umask);
  } catch (error) {
    if (error instanceof LinuxError && error.errno === Errno.EEXIST) throw new LinuxError(Errno.EADDRINUSE);
    throw error;
  }
  const key = fileKey(process, path);
  names.set(key, socket);
  // With the NUL behind the path, which counts.
  const told = new Uint8Array(3 + text.length);
  told.set(full.subarray(0, 2 + text.length));
  return { key, name: told };
}

function fileKey(process: LinuxProcess, path: ByteString): UnixKey {
  const { device, inode } = process.host.statPath(path, true);
  return `${device}:${inode}`;
}

/**
 * The socket that a name leads to, or the host's path of one that is no guest's.
 * @throws LinuxError ECONNREFUSED, ENOENT
 */
export function findUnixName(process: LinuxProcess, names: UnixNames, name: Uint8Array): Socket | ByteString {
  if (name.length === 2) throw new LinuxError(Errno.EINVAL);
  if (isAbstract(name)) {
    const found = names.find(abstractKey(name));
    if (found === undefined) throw new LinuxError(Errno.ECONNREFUSED);
    return found;
  }
  const path = hostPath(process, AT_FDCWD, pathOf(name));
  if ((process.host.statPath(path, true).mode & TYPE_MASK) !== SOCKET) throw new LinuxError(Errno.ECONNREFUSED);
  process.host.access(path, W_OK);
  return names.find(fileKey(process, path)) ?? path;
}
