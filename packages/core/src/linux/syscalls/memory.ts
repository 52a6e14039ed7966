import { PROT_EXEC, PROT_GUARDED, PROT_READ, PROT_WRITE } from '../../engine/index.ts';
import { type ByteString, decodeText } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { MemoryFile } from '../files/memoryFile.ts';
import type { OpenFile } from '../files/openFile.ts';
import { O } from '../files/openFlags.ts';
import { REGULAR, TYPE_MASK } from '../files/pathLookup.ts';
import { RamFile, Seal } from '../files/ramFile.ts';
import { ADDRESS_LIMIT, LOWEST_ADDRESS, PAGE, pageDown, pageUp } from '../memory/processMemory.ts';
import type { LinuxProcess } from '../process.ts';
import { checkMapping } from '../processLimits.ts';
import { address, int, size } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { opened } from './transfer.ts';

const PROT_ALL = PROT_READ | PROT_WRITE | PROT_EXEC;
/** A hint that asks for nothing. */
const PROT_SEM = 8;

const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_SHARED_VALIDATE = 3;
const MAP_TYPE = 15;

/** S_IFCHR */
const CHARACTER_DEVICE = 0o020000;

const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_FIXED_NOREPLACE = 0x10_0000;

const MREMAP_MAYMOVE = 1;
const MREMAP_FIXED = 2;

/** The permission of pages that `prot` asks for. @throws LinuxError EINVAL */
function protection({ guest }: LinuxProcess, prot: number): number {
  const all = guest.linux.guardProperty === undefined ? PROT_ALL : PROT_ALL | PROT_GUARDED;
  if ((prot & ~(all | PROT_SEM)) !== 0) throw new LinuxError(Errno.EINVAL);
  return prot & all;
}

/** @throws LinuxError ENOMEM where the range leaves the address space, EINVAL where it does not begin with a page */
function checkRange(start: number, length: number, outside: number): void {
  if (start % PAGE !== 0) throw new LinuxError(Errno.EINVAL);
  if (start + length > ADDRESS_LIMIT) throw new LinuxError(outside);
}

/** The file of a mapping, if it may be mapped that way. */
function mappableFile(process: LinuxProcess, fd: number, prot: number, shared: boolean): OpenFile {
  const file = process.files.get(fd);
  if ((file.status & O.path) !== 0) throw new LinuxError(Errno.EBADF);
  if (!file.canRead || (shared && (prot & PROT_WRITE) !== 0 && (file.status & O.accessMode) !== O.readWrite)) throw new LinuxError(Errno.EACCES);
  if (file instanceof RamFile && shared && (prot & PROT_WRITE) !== 0 && (file.seals & (Seal.write | Seal.futureWrite)) !== 0) throw new LinuxError(Errno.EPERM);
  const type = file.stat().mode & TYPE_MASK;
  if ((type !== REGULAR && type !== CHARACTER_DEVICE) || file instanceof MemoryFile) throw new LinuxError(Errno.ENODEV);
  if (file.handle !== undefined && type === CHARACTER_DEVICE && process.host.isTerminal(file.handle)) throw new LinuxError(Errno.ENODEV);
  return file;
}

/** Open files of all guests learn that the file is mapped from now on, so that what is read from them is what the memory holds. */
function tellOpenFiles({ kernel }: LinuxProcess, file: OpenFile): void {
  const { device, inode } = file.stat();
  for (const { files } of kernel.processes.values()) {
    for (const fd of files.numbers()) {
      const other = files.get(fd);
      if (other === file || other.mapped !== undefined || other.handle === undefined) continue;
      const stat = other.stat();
      if (stat.device === device && stat.inode === inode) other.mapped = file.mapped;
    }
  }
}

/** The name of memory that processes share without a file. */
const SHARED_NAME = '/dev/zero (deleted)';

/** Largest room that the linker of a dynamic program is thought to want for a library. */
const MOST_OF_LIBRARY = 1 << 28;

/** Room for a mapping that need not be anywhere. Libraries have places: code of a file, or, before it, room for all of a file's segments. */
function findRoom(process: LinuxProcess, wish: number, length: number, prot: number, flags: number, fd: number): number | undefined {
  const { memory } = process;
  if (wish === 0 && (flags & MAP_TYPE) === MAP_PRIVATE && length <= MOST_OF_LIBRARY) {
    const isAnonymous = (flags & MAP_ANONYMOUS) !== 0;
    if (isAnonymous && prot === 0) return memory.findLibraryRoom('', length);
    if (!isAnonymous && (prot & PROT_EXEC) !== 0) return memory.findLibraryRoom(decodeText(nameOf(process, opened(process, fd))), length);
  }
  return memory.findRoom(wish, length);
}

function map(process: LinuxProcess, wish: number, length: number, prot: number, flags: number, fd: number, offset: number): number {
  const type = flags & MAP_TYPE;
  const { memory, space, mappings } = process;
  const kept = protection(process, prot);
  if (space.isCrowded) throw new LinuxError(Errno.ENOMEM);
  if (length === 0 || offset % PAGE !== 0) throw new LinuxError(Errno.EINVAL);
  if (length > ADDRESS_LIMIT) throw new LinuxError(Errno.ENOMEM);
  const fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
  let start = wish;
  if (fixed) {
    checkRange(wish, length, Errno.ENOMEM);
    if (wish < LOWEST_ADDRESS) throw new LinuxError(Errno.EPERM);
    if ((flags & MAP_FIXED) === 0 && !space.isFree(wish, pageUp(length))) throw new LinuxError(Errno.EEXIST);
  } else {
    const room = findRoom(process, wish, length, prot, flags, fd);
    if (room === undefined) throw new LinuxError(Errno.ENOMEM);
    start = room;
  }
  const shared = type === MAP_SHARED || type === MAP_SHARED_VALIDATE;
  if (!shared && type !== MAP_PRIVATE) throw new LinuxError(Errno.EINVAL);
  checkMapping(process, pageUp(length), !shared && (prot & PROT_WRITE) !== 0);
  const file = (flags & MAP_ANONYMOUS) === 0 ? mappableFile(process, fd, prot, shared) : undefined;
  const end = start + pageUp(length);
  mappings.remove(start, end);
  const mapped =
    file === undefined
      ? space.map(start, end - start, kept, shared ? SHARED_NAME : '', shared)
      : mappings.add(start, end, file, offset, kept, decodeText(nameOf(process, file)), shared);
  if (!mapped) {
    mappings.remove(start, end);
    space.unmap(start, end - start);
    throw new LinuxError(Errno.ENOMEM);
  }
  if (file?.mapped !== undefined && shared) tellOpenFiles(process, file);
  memory.logLayout('mmap');
  return start;
}

/** Where a file is, without symbolic links, as /proc/self/maps shows it. */
const nameOf = ({ host }: LinuxProcess, file: OpenFile): ByteString => (file.handle === undefined ? file.name : host.handleName(file.handle));

/** Moves mappings of a range to a free place, with their permissions, up to `length` bytes; the rest is new memory. */
function moveMappings(process: LinuxProcess, from: number, oldLength: number, to: number, length: number): void {
  const { space, mappings } = process;
  const pieces = space.mappings().filter((m) => m.start < from + oldLength && m.end > from);
  for (const piece of pieces) {
    const start = Math.max(piece.start, from);
    const end = Math.min(piece.end, from + oldLength);
    const target = to + (start - from);
    const isLast = end === from + oldLength;
    const wanted = Math.min(isLast ? length : end - from, length) - (start - from);
    if (wanted <= 0) continue;
    const kept = Math.min(end - start, wanted);
    if (space.mapSame(target, kept, piece.prot, piece.name, space, start)) {
      if (wanted > kept && !space.map(target + kept, wanted - kept, piece.prot, piece.name, true)) throw new LinuxError(Errno.ENOMEM);
      continue;
    }
    if (!space.map(target, wanted, piece.prot, piece.name)) throw new LinuxError(Errno.ENOMEM);
    const bytes = space.peek(start, kept);
    if (bytes !== undefined) space.pokeBytes(target, bytes);
  }
  if (!mappings.moved(from, oldLength, to, length)) throw new LinuxError(Errno.ENOMEM);
  space.unmap(from, oldLength);
}

function remap(process: LinuxProcess, from: number, oldLength: number, newLength: number, flags: number, wish: number): number {
  const { memory, space } = process;
  const oldSize = pageUp(oldLength);
  const newSize = pageUp(newLength);
  if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED)) !== 0 || newLength === 0 || oldLength === 0) throw new LinuxError(Errno.EINVAL);
  checkRange(from, oldSize, Errno.EFAULT);
  if (space.firstDenied(from, oldSize, 0) >= 0) throw new LinuxError(Errno.EFAULT);
  if (newSize > oldSize) checkMapping(process, newSize - oldSize, true);
  process.mappings.writeBack(from, from + oldSize);
  if ((flags & MREMAP_FIXED) !== 0) {
    if ((flags & MREMAP_MAYMOVE) === 0) throw new LinuxError(Errno.EINVAL);
    checkRange(wish, newSize, Errno.EINVAL);
    if (wish < from + oldSize && wish + newSize > from) throw new LinuxError(Errno.EINVAL);
    process.mappings.remove(wish, wish + newSize);
    space.unmap(wish, newSize);
    moveMappings(process, from, oldSize, wish, newSize);
    return wish;
  }
  if ((flags & MREMAP_MAYMOVE) !== 0) {
    // Even where it could stay: QEMU takes new room always.
    const room = memory.findRoom(0, newSize);
    if (room === undefined) throw new LinuxError(Errno.ENOMEM);
    moveMappings(process, from, oldSize, room, newSize);
    return room;
  }
  if (newSize < oldSize) {
    process.mappings.remove(from + newSize, from + oldSize);
    space.unmap(from + newSize, oldSize - newSize);
  } else if (newSize > oldSize) {
    const last = space.mappings().find((m) => m.start < from + oldSize && m.end >= from + oldSize);
    if (last === undefined || !space.isFree(from + oldSize, newSize - oldSize)) throw new LinuxError(Errno.ENOMEM);
    if (!space.map(from + oldSize, newSize - oldSize, last.prot, last.name)) throw new LinuxError(Errno.ENOMEM);
    if (!process.mappings.moved(from, oldSize, from, newSize)) throw new LinuxError(Errno.ENOMEM);
  }
  return from;
}

/** Private pages become zero, or what the file holds that they are of. */
function dropPages(process: LinuxProcess, start: number, length: number): void {
  const { space, mappings } = process;
  for (const { start: first, end: last, prot, name, shared, inode } of mappings.ranges()) {
    const from = Math.max(start, first);
    const to = Math.min(start + length, last);
    if (from < to && inode === 0n && !shared && prot !== 0) space.map(from, to - from, prot, name);
  }
  mappings.discard(start, start + length);
}

/** MADV_*: hints that ask for nothing here, and those that have an effect. */
const Advice = { dontNeed: 4, remove: 9, populateRead: 22, populateWrite: 23, dontNeedLocked: 24 } as const;
/** Normal, random, sequential, willneed, free, dontfork to keeponfork but those for forks, cold, pageout, collapse. */
const HINTS: ReadonlySet<number> = new Set([0, 1, 2, 3, 8, 11, 12, 13, 14, 15, 16, 17, 20, 21, 25]);

function advise(process: LinuxProcess, start: number, length: number, advice: number): number {
  const { space } = process;
  const end = start + pageUp(length);
  const known = HINTS.has(advice) || (Object.values(Advice) as number[]).includes(advice);
  if (!known) throw new LinuxError(Errno.EINVAL);
  checkRange(start, length, Errno.EINVAL);
  if (length === 0) return 0;
  switch (advice) {
    case Advice.dontNeed:
    case Advice.dontNeedLocked:
      dropPages(process, start, end - start);
      break;
    case Advice.remove:
      // Only shared memory has something that could be given back.
      if (space.sharedStorage(start) === undefined || !space.kernelWrite(start, new Uint8Array(end - start))) throw new LinuxError(Errno.EINVAL);
      break;
    case Advice.populateRead:
    case Advice.populateWrite:
      if (space.firstDenied(start, end - start, 0) >= 0) throw new LinuxError(Errno.ENOMEM);
      if (space.firstDenied(start, end - start, advice === Advice.populateRead ? PROT_READ : PROT_WRITE) >= 0) throw new LinuxError(Errno.EFAULT);
      break;
  }
  if (space.firstDenied(start, end - start, 0) >= 0) throw new LinuxError(Errno.ENOMEM);
  return 0;
}

/** Where the break's end may move: nowhere, where that is more memory than the process may have. */
function allowedBreak(process: LinuxProcess, end: number): number {
  const { breakRange } = process.memory;
  try {
    if (end > breakRange[1]) checkMapping(process, pageUp(end) - pageUp(breakRange[1]), true);
    return end;
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    return breakRange[1];
  }
}

/** Nothing is ever swapped out: to lock memory is to find out whether it is there. */
function lock(process: LinuxProcess, start: number, length: number): number {
  const first = pageDown(start);
  const end = pageUp(start + length);
  if (end > ADDRESS_LIMIT || (length > 0 && process.space.firstDenied(first, end - first, 0) >= 0)) throw new LinuxError(Errno.ENOMEM);
  return 0;
}

/** MS_ASYNC, MS_INVALIDATE, MS_SYNC */
const MS_ALL = 7;
const MS_ASYNC_AND_SYNC = 5;

export const memoryRows: readonly SyscallRow[] = [
  row('brk', [address], (process, end) => process.memory.setBreakEnd(allowedBreak(process, end))),

  row('mmap', [address, size, int, int, int, size], (process, start, length, prot, flags, fd, offset) => map(process, start, length, prot, flags, fd, offset)),

  row('munmap', [address, size], (process, start, length) => {
    if (length === 0) throw new LinuxError(Errno.EINVAL);
    checkRange(start, length, Errno.EINVAL);
    const { space } = process;
    // It would leave one mapping more.
    if (space.isCrowded && !space.isFree(start - PAGE, PAGE) && !space.isFree(start + pageUp(length), PAGE)) throw new LinuxError(Errno.ENOMEM);
    process.mappings.remove(start, start + pageUp(length));
    process.space.unmap(start, pageUp(length));
    return 0;
  }),

  row('mprotect', [address, size, int], (process, start, length, prot) => {
    const kept = protection(process, prot);
    checkRange(start, length, Errno.ENOMEM);
    if (process.space.isCrowded) throw new LinuxError(Errno.ENOMEM);
    if ((kept & PROT_WRITE) !== 0 && process.mappings.forbidsWriting(start, start + pageUp(length))) throw new LinuxError(Errno.EACCES);
    // Of an empty range QEMU says what Linux says of one that is not mapped.
    if (length === 0 || !process.space.protect(start, pageUp(length), kept)) throw new LinuxError(Errno.ENOMEM);
    process.mappings.protected(start, start + pageUp(length), kept);
    return 0;
  }),

  row('mremap', [address, size, size, int, address], (process, from, oldLength, newLength, flags, wish) =>
    remap(process, from, oldLength, newLength, flags, wish),
  ),

  row('madvise', [address, size, int], advise),

  row('msync', [address, size, int], (process, start, length, flags) => {
    if ((flags & ~MS_ALL) !== 0 || (flags & MS_ASYNC_AND_SYNC) === MS_ASYNC_AND_SYNC) throw new LinuxError(Errno.EINVAL);
    checkRange(start, length, Errno.ENOMEM);
    process.mappings.writeBack(start, start + pageUp(length));
    if (length > 0 && process.space.firstDenied(start, pageUp(length), 0) >= 0) throw new LinuxError(Errno.ENOMEM);
    return 0;
  }),

  row('mlock', [address, size], lock),
  row('mlock2', [address, size, int], (process, start, length, flags) => {
    if ((flags & ~1) !== 0) throw new LinuxError(Errno.EINVAL);
    return lock(process, start, length);
  }),
  row('munlock', [address, size], lock),
  row('mlockall', [int], (_process, flags) => {
    if (flags === 0 || (flags & ~7) !== 0 || flags === 4) throw new LinuxError(Errno.EINVAL);
    return 0;
  }),
  row('munlockall', [], () => 0),

  row('mincore', [address, size, address], (process, start, length, vector) => {
    checkRange(start, length, Errno.ENOMEM);
    if (process.space.firstDenied(start, length, 0) >= 0) throw new LinuxError(Errno.ENOMEM);
    process.write(vector, new Uint8Array(pageUp(length) / PAGE).fill(1));
    return 0;
  }),
];
