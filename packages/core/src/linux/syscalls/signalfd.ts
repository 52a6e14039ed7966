import { Errno, LinuxError } from '../errno.ts';
import { O } from '../files/openFlags.ts';
import { SignalFile } from '../files/signalFile.ts';
import { address, int, size } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { readSignalSet } from './signals.ts';

export const signalfdRows: readonly SyscallRow[] = [
  // SFD_NONBLOCK and SFD_CLOEXEC are O_NONBLOCK and O_CLOEXEC.
  row('signalfd4', [int, address, size, int], (process, fd, setAt, length, flags) => {
    const { files, kernel } = process;
    if ((flags & ~(O.nonBlock | O.closeOnExec)) !== 0) throw new LinuxError(Errno.EINVAL);
    const set = readSignalSet(process, setAt, length);
    if (fd === -1) return files.add(new SignalFile(kernel, set, O.readWrite | (flags & O.nonBlock)), (flags & O.closeOnExec) !== 0);
    const file = files.get(fd);
    if (!(file instanceof SignalFile)) throw new LinuxError(Errno.EINVAL);
    file.set = set;
    return fd;
  }),
];
