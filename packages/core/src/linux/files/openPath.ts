import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import type { LinuxProcess } from '../process.ts';
import { ProcDirectory, ProcFile } from '../procfs/openFiles.ts';
import { locate, type Place } from './locate.ts';
import { DirectoryFile, HostFile, type OpenFile } from './openFile.ts';
import { hostOpen, O, statusFlags } from './openFlags.ts';
import { AT_FDCWD, DIRECTORY, TYPE_MASK } from './pathLookup.ts';

/** S_IFIFO, and what access is asked for. */
const FIFO = 0o010000;
const R_OK = 4;
const W_OK = 2;

/** Opens what a guest's path names. @throws Blocked for a FIFO whose other end nobody has open */
export function openPath(process: LinuxProcess, dirfd: number, path: ByteString, flags: number, mode: number): OpenFile {
  const { openFlags } = process.guest.linux;
  const exclusive = (flags & (O.create | O.exclusive)) === (O.create | O.exclusive);
  const follow = (flags & openFlags.noFollow) === 0 && !exclusive;
  return openPlace(process, locate(process, dirfd, path, follow), path, flags, mode);
}

/** Opens a place that was found for `path`. */
export function openPlace(process: LinuxProcess, place: Place, path: ByteString, flags: number, mode: number): OpenFile {
  const { paths } = process;
  const status = statusFlags(flags, process.guest.linux);
  switch (place.kind) {
    case 'node':
      return openNode(process, place, flags, status);
    case 'open': {
      const again = paths.handlePath(place.file);
      return again === undefined ? place.file.again(status) : openHost(process, again, flags, mode, status, true);
    }
    case 'host':
      return openHost(process, path.endsWith('/') && !place.path.endsWith('/') ? (`${place.path}/` as ByteString) : place.path, flags, mode, status, false);
  }
}

function openNode(process: LinuxProcess, { node, path }: Extract<Place, { kind: 'node' }>, flags: number, status: number): OpenFile {
  const writes = (flags & O.accessMode) !== 0;
  const { directory } = process.guest.linux.openFlags;
  if ((flags & (O.create | O.exclusive)) === (O.create | O.exclusive)) throw new LinuxError(Errno.EEXIST);
  switch (node.kind) {
    case 'link':
      throw new LinuxError(Errno.ELOOP);
    case 'directory':
      if (writes || (flags & O.create) !== 0) throw new LinuxError(Errno.EISDIR);
      return new ProcDirectory(process, node, path, status);
    case 'file':
      if ((flags & directory) !== 0) throw new LinuxError(Errno.ENOTDIR);
      if (node.open !== undefined) return node.open(path, status);
      if (writes && node.write === undefined) throw new LinuxError(Errno.EACCES);
      return new ProcFile(process, node, path, status);
  }
}

/** @param isLinked whether the path only leads to the file, and is not its name */
function openHost(process: LinuxProcess, path: ByteString, flags: number, mode: number, status: number, isLinked: boolean): OpenFile {
  const { host } = process;
  // What is open already and has a host's handle is a pipe of the host's, such as standard output.
  const fifo = isLinked ? undefined : fifoAt(process, path, flags);
  if (fifo !== undefined) return openFifo(process, path, fifo, status);
  if ((flags & O.accessMode) !== 0) checkNotRunning(process, path);
  const handle = host.open(path, hostOpen(flags, mode, process.guest.linux));
  const stat = host.stat(handle);
  const name = isLinked ? host.handleName(handle) : path;
  if ((stat.mode & TYPE_MASK) === DIRECTORY) return new DirectoryFile(host, handle, name, status);
  const file = new HostFile(host, handle, name, status);
  file.mapped = process.kernel.files.mapped.find(stat);
  if ((flags & O.truncate) !== 0) file.mapped?.resized(Number(stat.size));
  return file;
}

/** @throws LinuxError ETXTBSY for a program that a guest runs */
function checkNotRunning({ host, kernel }: LinuxProcess, path: ByteString): void {
  const programs = [...kernel.processes.values()].filter(({ termination }) => termination === undefined).map(({ programPath }) => programPath);
  const last = path.slice(path.lastIndexOf('/') + 1);
  // Only links give a program another name: most files need no second look.
  if (!programs.some((program) => program.endsWith(`/${last}`))) return;
  try {
    if (programs.includes(host.realPath(path))) throw new LinuxError(Errno.ETXTBSY);
  } catch (error) {
    if (!(error instanceof LinuxError) || error.errno === Errno.ETXTBSY) throw error;
  }
}

/** What stat tells of a FIFO that is about to be opened; undefined for other files. */
function fifoAt({ host, guest }: LinuxProcess, path: ByteString, flags: number): HostStat | undefined {
  const follow = (flags & guest.linux.openFlags.noFollow) === 0;
  return (flags & O.path) === 0 && host.typeOf(path, follow) === FIFO ? host.statPath(path, follow) : undefined;
}

/** Opens a FIFO of the host's file system, in which only guests meet. */
function openFifo(process: LinuxProcess, path: ByteString, stat: HostStat, status: number): OpenFile {
  const { host, kernel, guest, thread } = process;
  const access = status & O.accessMode;
  host.access(path, access === 0 ? R_OK : access === O.writeOnly ? W_OK : R_OK | W_OK);
  const place = { describe: () => host.statPath(path, true), packetFlag: guest.linux.openFlags.direct };
  return kernel.files.namedPipes.open(path, status, place, stat, thread.call);
}

/** The target of a symbolic link. */
export function readLink(process: LinuxProcess, dirfd: number, path: ByteString): ByteString {
  const { handle } = path === '' && dirfd !== AT_FDCWD ? process.files.get(dirfd) : { handle: undefined };
  // A link that was itself opened (O_PATH with O_NOFOLLOW).
  if (handle !== undefined) return process.host.readLink(process.host.handleName(handle));
  const place = locate(process, dirfd, path, false);
  if (place.kind === 'host') return process.host.readLink(place.path);
  if (place.kind === 'open' || place.node.kind !== 'link') throw new LinuxError(Errno.EINVAL);
  return place.node.target;
}

export const closesOnExec = (flags: number): boolean => (flags & O.closeOnExec) !== 0;
