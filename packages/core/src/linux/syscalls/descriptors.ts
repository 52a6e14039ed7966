import { Errno, LinuxError } from '../errno.ts';
import type { OpenFile } from '../files/openFile.ts';
import { changeableFlags, O } from '../files/openFlags.ts';
import { createPipe, PipeEnd } from '../files/pipe.ts';
import { createRamFile, RamFile, Seal } from '../files/ramFile.ts';
import type { LinuxProcess } from '../process.ts';
import { LAST_SIGNAL } from '../signals/index.ts';
import { words } from '../structs.ts';
import { address, int, long, pointerIn, signed, unsigned } from './arguments.ts';
import { controlLock, LockCommand } from './locks.ts';
import { row, type SyscallResult, type SyscallRow } from './row.ts';
import { opened } from './transfer.ts';

/** fcntl's commands but those for locks (include/uapi/asm-generic/fcntl.h, include/uapi/linux/fcntl.h). */
const F = {
  duplicate: 0,
  getDescriptorFlags: 1,
  setDescriptorFlags: 2,
  getFlags: 3,
  setFlags: 4,
  setOwner: 8,
  getOwner: 9,
  setSignal: 10,
  getSignal: 11,
  setOwnerEx: 15,
  getOwnerEx: 16,
  setLease: 1024,
  getLease: 1025,
  duplicateClosing: 1030,
  setPipeSize: 1031,
  getPipeSize: 1032,
  addSeals: 1033,
  getSeals: 1034,
} as const;
const FD_CLOEXEC = 1;
const F_UNLCK = 2;

/** The types of struct f_owner_ex. */
const F_OWNER_TID = 0;
const F_OWNER_PID = 1;
const F_OWNER_PGRP = 2;

/** CLOSE_RANGE_* */
const CLOSE_RANGE_UNSHARE = 2;
const CLOSE_RANGE_CLOEXEC = 4;

/** CLONE_* that unshare takes. Working directories and semaphores are never shared by processes. */
const CLONE_FILES = 0x400;
const CLONE_FS = 0x200;
const CLONE_SYSVSEM = 0x4_0000;
const NAME_SPACES = 0x7e02_0080;
const UNSHARE_KNOWN = CLONE_FILES | CLONE_FS | CLONE_SYSVSEM | NAME_SPACES;

/** MFD_*; whether the file may be executed makes no difference here. */
const Mfd = { closeOnExec: 1, allowSealing: 2, hugePages: 4, noExecutable: 8, executable: 0x10 } as const;
/** Longest name of a memfd. */
const MFD_NAME = 249;
const ALL_SEALS = Seal.seal | Seal.shrink | Seal.grow | Seal.write | Seal.futureWrite;

function pipeOf(file: OpenFile): PipeEnd {
  if (!(file instanceof PipeEnd)) throw new LinuxError(Errno.EBADF);
  return file;
}

function sealed(file: OpenFile): RamFile {
  if (!(file instanceof RamFile)) throw new LinuxError(Errno.EINVAL);
  return file;
}

function addSeals(process: LinuxProcess, file: RamFile, seals: number): number {
  if ((seals & ~ALL_SEALS) !== 0) throw new LinuxError(Errno.EINVAL);
  if ((seals & Seal.write) !== 0 && process.mappings.isWritable(file)) throw new LinuxError(Errno.EBUSY);
  file.addSeals(seals);
  return 0;
}

/** struct f_owner_ex: type, pid. */
function controlOwner(process: LinuxProcess, file: OpenFile, command: number, pointer: number): number {
  if (command === F.getOwnerEx) {
    process.write(pointer, file.owner < 0 ? words(F_OWNER_PGRP, -file.owner) : words(F_OWNER_PID, file.owner));
    return 0;
  }
  const view = process.view(pointer, 8);
  const type = view.getInt32(0, true);
  if (type < F_OWNER_TID || type > F_OWNER_PGRP) throw new LinuxError(Errno.EINVAL);
  const id = view.getInt32(4, true);
  file.owner = type === F_OWNER_PGRP ? -id : id;
  return 0;
}

function control(process: LinuxProcess, fd: number, command: number, argument: bigint, pointer: number): SyscallResult {
  const { files } = process;
  const file = files.get(fd);
  const value = Number(BigInt.asIntN(32, argument));
  switch (command) {
    case F.duplicate:
    case F.duplicateClosing:
      if (value < 0 || value >= files.limit) throw new LinuxError(Errno.EINVAL);
      return files.add(file, command === F.duplicateClosing, value);
    case F.getDescriptorFlags:
      return files.closesOnExec(fd) ? FD_CLOEXEC : 0;
    case F.setDescriptorFlags:
      files.setCloseOnExec(fd, (value & FD_CLOEXEC) !== 0);
      return 0;
    case F.getFlags:
      return file.status;
  }
  // A descriptor that only names a file can do no more.
  if ((file.status & O.path) !== 0) throw new LinuxError(Errno.EBADF);
  switch (command) {
    case F.setFlags: {
      const changeable = changeableFlags(process.guest.linux);
      file.setStatus((file.status & ~changeable) | (value & changeable));
      return 0;
    }
    case LockCommand.get:
    case LockCommand.set:
    case LockCommand.setAndWait:
    case LockCommand.descriptionGet:
    case LockCommand.descriptionSet:
    case LockCommand.descriptionSetAndWait:
      return controlLock(process, file, command, pointer);
    case F.setOwner:
      file.owner = value;
      return 0;
    case F.getOwner:
      return file.owner;
    case F.setSignal:
      if (value < 0 || value > LAST_SIGNAL) throw new LinuxError(Errno.EINVAL);
      file.ownerSignal = value;
      return 0;
    case F.getSignal:
      return file.ownerSignal;
    case F.setOwnerEx:
    case F.getOwnerEx:
      return controlOwner(process, file, command, pointer);
    case F.getLease:
      return F_UNLCK;
    case F.getPipeSize:
      return pipeOf(file).buffer.capacity;
    case F.setPipeSize:
      return pipeOf(file).buffer.resize(value, process.identity.effectiveUid === 0);
    case F.addSeals:
      return addSeals(process, sealed(file), value);
    case F.getSeals:
      return sealed(file).seals;
    default:
      throw new LinuxError(Errno.EINVAL);
  }
}

function closeRange(process: LinuxProcess, first: number, last: number, flags: number): number {
  if (first > last || (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) !== 0) throw new LinuxError(Errno.EINVAL);
  if ((flags & CLOSE_RANGE_UNSHARE) !== 0) process.unshareFiles();
  const { files } = process;
  for (const fd of files.numbers()) {
    if (fd < first || fd > last) continue;
    if ((flags & CLOSE_RANGE_CLOEXEC) === 0) files.close(fd);
    else files.setCloseOnExec(fd, true);
  }
  return 0;
}

export const descriptorRows: readonly SyscallRow[] = [
  row('lseek', [int, signed, int], (process, fd, offset, whence) => {
    const file = opened(process, fd);
    if (whence < 0 || whence > 4) throw new LinuxError(Errno.EINVAL);
    if (whence < 3) return file.seek(offset, whence);
    // SEEK_DATA and SEEK_HOLE: as on a file system that keeps no holes.
    const end = Number(file.stat().size);
    if (offset < 0 || offset >= end) throw new LinuxError(Errno.ENXIO);
    return file.seek(whence === 3 ? offset : end, 0);
  }),

  row('close', [int], (process, fd) => {
    process.files.close(fd);
    return 0;
  }),

  row('close_range', [unsigned, unsigned, unsigned], closeRange),

  row('unshare', [int], (process, flags) => {
    if ((flags & ~UNSHARE_KNOWN) !== 0) throw new LinuxError(Errno.EINVAL);
    // Name spaces of its own are nothing that a guest can have.
    if ((flags & NAME_SPACES) !== 0) throw new LinuxError(Errno.EPERM);
    if ((flags & CLONE_FILES) !== 0) process.unshareFiles();
    return 0;
  }),

  row('dup', [int], (process, fd) => process.files.add(process.files.get(fd))),

  row('dup3', [int, int, int], (process, from, to, flags) => {
    if (from === to || (flags & ~O.closeOnExec) !== 0) throw new LinuxError(Errno.EINVAL);
    process.files.place(to, process.files.get(from), (flags & O.closeOnExec) !== 0);
    return to;
  }),

  row('fcntl', [int, int, long, pointerIn(2)], control),

  row('pipe2', [address, int], (process, fds, flags) => {
    const { direct } = process.guest.linux.openFlags;
    const { files, kernel } = process;
    if ((flags & ~(O.closeOnExec | O.nonBlock | direct)) !== 0) throw new LinuxError(Errno.EINVAL);
    const pipe = createPipe(flags & (O.nonBlock | direct), kernel.files.nextInode(), process.host.realTime(), direct);
    const closing = (flags & O.closeOnExec) !== 0;
    const numbers: number[] = [];
    try {
      for (const end of [pipe.read, pipe.write]) numbers.push(files.add(end, closing));
      process.write(fds, words(...numbers));
    } catch (error) {
      for (const fd of numbers) files.close(fd);
      throw error;
    }
    return 0;
  }),

  row('memfd_create', [address, unsigned], (process, nameAt, flags) => {
    const { files, kernel, host } = process;
    const known = Mfd.closeOnExec | Mfd.allowSealing | Mfd.noExecutable | Mfd.executable;
    if ((flags & ~known) !== 0 || (flags & (Mfd.noExecutable | Mfd.executable)) === (Mfd.noExecutable | Mfd.executable)) throw new LinuxError(Errno.EINVAL);
    const name = process.string(nameAt);
    if (name.length > MFD_NAME) throw new LinuxError(Errno.EINVAL);
    const seals = (flags & (Mfd.allowSealing | Mfd.noExecutable)) === 0 ? Seal.seal : 0;
    const file = createRamFile(name, O.readWrite | process.guest.linux.openFlags.largeFile, kernel.files.nextInode(), seals, () => host.realTime());
    return files.add(file, (flags & Mfd.closeOnExec) !== 0);
  }),
];
