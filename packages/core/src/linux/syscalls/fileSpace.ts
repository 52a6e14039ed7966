import { Errno, LinuxError } from '../errno.ts';
import type { OpenFile } from '../files/openFile.ts';
import { TYPE_MASK } from '../files/pathLookup.ts';
import { sizeLimit } from '../limits.ts';
import { int, signed, size, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { isRegular, opened, readable, refuseSize, writable } from './transfer.ts';

const FIFO = 0o010000;

/** Bits of sync_file_range. */
const SYNC_FILE_RANGE = 7;

function isPipe(file: OpenFile): boolean {
  return (file.stat().mode & TYPE_MASK) === FIFO;
}

export const fileSpaceRows: readonly SyscallRow[] = [
  row('fsync', [int], (process, fd) => {
    const file = opened(process, fd);
    process.mappings.writeBackFile(file);
    file.sync(false);
    return 0;
  }),

  row('fdatasync', [int], (process, fd) => {
    const file = opened(process, fd);
    process.mappings.writeBackFile(file);
    file.sync(true);
    return 0;
  }),

  // What is written is the host kernel's to bring to the disk; these wait for nothing.
  row('sync', [], () => 0),
  row('syncfs', [int], (process, fd) => {
    opened(process, fd);
    return 0;
  }),

  row('sync_file_range', [int, signed, signed, unsigned], (process, fd, offset, length, flags) => {
    const file = opened(process, fd);
    if ((flags & ~SYNC_FILE_RANGE) !== 0 || offset < 0 || length < 0) throw new LinuxError(Errno.EINVAL);
    if (!isRegular(file)) throw new LinuxError(Errno.ESPIPE);
    if (flags !== 0) file.sync(true);
    return 0;
  }),

  row('fadvise64', [int, signed, signed, int], (process, fd, _offset, length, advice) => {
    const file = opened(process, fd);
    if (isPipe(file)) throw new LinuxError(Errno.ESPIPE);
    if (advice < 0 || advice > 5 || length < 0) throw new LinuxError(Errno.EINVAL);
    return 0;
  }),

  row('readahead', [int, signed, size], (process, fd) => {
    if (!isRegular(readable(process, fd))) throw new LinuxError(Errno.EINVAL);
    return 0;
  }),

  row('fallocate', [int, int, signed, signed], (process, fd, mode, offset, length) => {
    const file = writable(process, fd);
    if (offset < 0 || length <= 0) throw new LinuxError(Errno.EINVAL);
    if (mode !== 0) throw new LinuxError(Errno.EOPNOTSUPP);
    if (isPipe(file)) throw new LinuxError(Errno.ESPIPE);
    if (!isRegular(file)) throw new LinuxError(Errno.ENODEV);
    if (offset + length > (sizeLimit(process.limits) ?? Number.MAX_SAFE_INTEGER)) refuseSize(process);
    if (Number(file.stat().size) < offset + length) file.truncate(offset + length);
    return 0;
  }),

  row('ftruncate', [int, signed], (process, fd, length) => {
    const file = opened(process, fd);
    if (!file.canWrite || length < 0 || !isRegular(file)) throw new LinuxError(Errno.EINVAL);
    if (length > (sizeLimit(process.limits) ?? Number.MAX_SAFE_INTEGER)) refuseSize(process);
    file.truncate(length);
    return 0;
  }),
];
