import { type ByteString, bytesOf } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import type { LinuxProcess } from '../process.ts';
import { processContents } from '../processContents.ts';
import { MemoryFile } from './memoryFile.ts';
import { DirectoryFile, HostFile, type OpenFile } from './openFile.ts';
import { hostOpen, O, statusFlags } from './openFlags.ts';
import { DIRECTORY, TYPE_MASK } from './pathLookup.ts';

/** S_IFIFO, and what access is asked for. */
const FIFO = 0o010000;
const R_OK = 4;
const W_OK = 2;

/** Opens what a guest's path names. */
export function openPath(process: LinuxProcess, dirfd: number, path: ByteString, flags: number, mode: number): OpenFile {
  const { paths, host, files } = process;
  const status = statusFlags(flags, process.guest.linux);
  const own = paths.ofProcess(path);
  let target: ByteString;
  switch (own?.kind) {
    case 'contents':
      return new MemoryFile(path, status, bytesOf(processContents(process, own.name)), host.realTime());
    case 'program':
      target = process.programPath;
      break;
    case 'descriptor': {
      const file = files.get(own.fd);
      const again = paths.handlePath(file);
      if (again === undefined) return file.again(status);
      target = again;
      break;
    }
    default:
      target = paths.inSysroot(dirfd, path);
  }
  const fifo = fifoAt(process, target, flags);
  if (fifo !== undefined) return openFifo(process, target, fifo, status);
  const handle = host.open(target, hostOpen(flags, mode, process.guest.linux));
  const isDirectory = (host.stat(handle).mode & TYPE_MASK) === DIRECTORY;
  const name = own === undefined ? target : host.handleName(handle);
  return isDirectory ? new DirectoryFile(host, handle, name, status) : new HostFile(host, handle, name, status);
}

/** What stat tells of a FIFO that is about to be opened; undefined for other files. */
function fifoAt({ host, guest }: LinuxProcess, path: ByteString, flags: number): HostStat | undefined {
  if ((flags & O.path) !== 0) return undefined;
  try {
    const stat = host.statPath(path, (flags & guest.linux.openFlags.noFollow) === 0);
    return (stat.mode & TYPE_MASK) === FIFO ? stat : undefined;
  } catch (error) {
    if (error instanceof LinuxError) return undefined;
    throw error;
  }
}

/** Opens a FIFO of the host's file system, in which only guests meet. */
function openFifo(process: LinuxProcess, path: ByteString, stat: HostStat, status: number): OpenFile {
  const { host, kernel, guest, thread } = process;
  const access = status & O.accessMode;
  host.access(path, access === 0 ? R_OK : access === O.writeOnly ? W_OK : R_OK | W_OK);
  const place = { describe: () => host.statPath(path, true), packetFlag: guest.linux.openFlags.direct };
  return kernel.files.namedPipes.open(path, status, place, stat, thread.call);
}

/** The target of a symbolic link, also of those that only the guest's kernel knows. */
export function readLink(process: LinuxProcess, dirfd: number, path: ByteString): ByteString {
  const { paths, host, files } = process;
  const own = paths.ofProcess(path);
  if (own?.kind === 'program') return process.programPath;
  if (own?.kind === 'descriptor' && path.startsWith('/proc/')) {
    if (!files.has(own.fd)) throw new LinuxError(Errno.ENOENT);
    const file = files.get(own.fd);
    return file.handle === undefined ? file.name : host.handleName(file.handle);
  }
  return host.readLink(paths.inSysroot(dirfd, path));
}

/** The host path behind a path, where only the guest's kernel knows it; for calls that follow links. */
export function followed(process: LinuxProcess, path: ByteString): ByteString | undefined {
  const own = process.paths.ofProcess(path);
  if (own?.kind === 'program') return process.programPath;
  if (own?.kind === 'descriptor' && process.files.has(own.fd)) return process.paths.handlePath(process.files.get(own.fd));
  return undefined;
}

export const closesOnExec = (flags: number): boolean => (flags & O.closeOnExec) !== 0;
