import { bytesOf } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { locate } from '../files/locate.ts';
import { DirectoryFile, type OpenFile } from '../files/openFile.ts';
import { AT_FDCWD, DIRECTORY, TYPE_MASK } from '../files/pathLookup.ts';
import type { LinuxProcess } from '../process.ts';
import { ProcDirectory } from '../procfs/openFiles.ts';
import { dirent64 } from '../structs.ts';
import { address, int, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';

const isDirectory = (file: OpenFile): file is DirectoryFile | ProcDirectory => file instanceof DirectoryFile || file instanceof ProcDirectory;

/** Fills the buffer with whole entries. */
function listDirectory(process: LinuxProcess, fd: number, buffer: number, size: number): number {
  const directory = process.files.get(fd);
  if (!isDirectory(directory)) throw new LinuxError(Errno.ENOTDIR);
  if (!directory.canRead) throw new LinuxError(Errno.EBADF);
  let done = 0;
  for (let next = directory.peek(); next !== undefined; next = directory.peek()) {
    const bytes = dirent64(next.entry.inode, next.next, next.entry.type, next.entry.name);
    if (done + bytes.length > size) {
      if (done === 0) throw new LinuxError(Errno.EINVAL);
      break;
    }
    process.write(buffer + done, bytes);
    directory.advance();
    done += bytes.length;
  }
  return done;
}

function changeDirectory(process: LinuxProcess, pathAt: number): number {
  const { paths, host } = process;
  const path = process.string(pathAt);
  const place = locate(process, AT_FDCWD, path);
  if (place.kind === 'node') {
    if (place.node.kind !== 'directory') throw new LinuxError(Errno.ENOTDIR);
    paths.directory = place.path;
    return 0;
  }
  if (place.kind === 'open') {
    paths.changeDirectory(paths.handlePath(place.file) ?? place.file.name);
    return 0;
  }
  // The host's directory of that name, if there is one: new files are to be made there, not in the sysroot.
  const outside = paths.absolute(AT_FDCWD, path);
  try {
    host.access(outside, 0);
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    paths.changeDirectory(place.path);
    return 0;
  }
  paths.changeDirectory(outside);
  return 0;
}

export const directoryRows: readonly SyscallRow[] = [
  row('getdents64', [int, address, unsigned], listDirectory),

  row('getcwd', [address, unsigned], (process, buffer, size) => {
    const { directory } = process.paths;
    if (directory.length + 1 > size) throw new LinuxError(Errno.ERANGE);
    const bytes = new Uint8Array(directory.length + 1);
    bytes.set(bytesOf(directory));
    process.write(buffer, bytes);
    return bytes.length;
  }),

  row('chdir', [address], changeDirectory),

  row('fchdir', [int], (process, fd) => {
    const { paths, files } = process;
    const file = files.get(fd);
    if ((file.stat().mode & TYPE_MASK) !== DIRECTORY) throw new LinuxError(Errno.ENOTDIR);
    if (file instanceof ProcDirectory) paths.directory = file.name;
    else paths.changeDirectory(paths.handlePath(file) ?? file.name);
    return 0;
  }),
];
