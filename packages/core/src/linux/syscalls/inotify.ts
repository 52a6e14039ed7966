import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { hostPath } from '../files/locate.ts';
import { O } from '../files/openFlags.ts';
import { AT_FDCWD, DIRECTORY, TYPE_MASK } from '../files/pathLookup.ts';
import { In, InotifyFile } from '../inotify/index.ts';
import type { LinuxProcess } from '../process.ts';
import { address, int, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';

const R_OK = 4;
const KNOWN = Object.values(In).reduce<number>((all, bit) => all | bit, 0);

/** @throws LinuxError EBADF; EINVAL for another kind of file */
function instance(process: LinuxProcess, fd: number): InotifyFile {
  const file = process.files.get(fd);
  if (!(file instanceof InotifyFile)) throw new LinuxError(Errno.EINVAL);
  return file;
}

function addWatch(process: LinuxProcess, fd: number, pathAt: number, mask: number): number {
  const { host, kernel } = process;
  if ((mask & ~KNOWN) !== 0 || mask === 0) throw new LinuxError(Errno.EINVAL);
  const file = process.files.get(fd);
  const bothWays = (mask & In.maskAdd) !== 0 && (mask & In.maskCreate) !== 0;
  if (bothWays || !(file instanceof InotifyFile)) throw new LinuxError(Errno.EINVAL);
  const follow = (mask & In.dontFollow) === 0;
  const path: ByteString = hostPath(process, AT_FDCWD, process.string(pathAt), follow);
  const stat = host.statPath(path, follow);
  if ((mask & In.onlyDirectory) !== 0 && (stat.mode & TYPE_MASK) !== DIRECTORY) throw new LinuxError(Errno.ENOTDIR);
  if (follow) host.access(path, R_OK);
  return kernel.inotify.watch(file, path, stat, mask);
}

export const inotifyRows: readonly SyscallRow[] = [
  row('inotify_init1', [int], (process, flags) => {
    if ((flags & ~(O.nonBlock | O.closeOnExec)) !== 0) throw new LinuxError(Errno.EINVAL);
    return process.files.add(process.kernel.inotify.open(flags & O.nonBlock), (flags & O.closeOnExec) !== 0);
  }),

  row('inotify_add_watch', [int, address, unsigned], addWatch),

  row('inotify_rm_watch', [int, int], (process, fd, number) => {
    process.kernel.inotify.unwatch(instance(process, fd), number);
    return 0;
  }),
];
