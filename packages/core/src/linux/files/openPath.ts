import { type ByteString, bytesOf } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { LinuxProcess } from '../process.ts';
import { processContents } from '../processContents.ts';
import { MemoryFile } from './memoryFile.ts';
import { DirectoryFile, HostFile, type OpenFile } from './openFile.ts';
import { hostOpen, O, statusFlags } from './openFlags.ts';
import { DIRECTORY, TYPE_MASK } from './pathLookup.ts';

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
      // A pipe inside the guest is one object, however it is opened.
      if (again === undefined) return file;
      target = again;
      break;
    }
    default:
      target = paths.inSysroot(dirfd, path);
  }
  const handle = host.open(target, hostOpen(flags, mode, process.guest.linux));
  const isDirectory = (host.stat(handle).mode & TYPE_MASK) === DIRECTORY;
  const name = own === undefined ? target : host.handleName(handle);
  return isDirectory ? new DirectoryFile(host, handle, name, status) : new HostFile(host, handle, name, status);
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
