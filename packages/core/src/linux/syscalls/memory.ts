import { PROT_EXEC, PROT_GUARDED, PROT_READ, PROT_WRITE } from '../../engine/index.ts';
import { decodeText } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { DirectoryFile, type OpenFile } from '../files/openFile.ts';
import { O } from '../files/openFlags.ts';
import { ADDRESS_LIMIT, LOWEST_ADDRESS, PAGE, pageUp } from '../memory/processMemory.ts';
import type { LinuxProcess } from '../process.ts';
import { address, int, size } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';

const PROT_ALL = PROT_READ | PROT_WRITE | PROT_EXEC;
/** A hint that asks for nothing. */
const PROT_SEM = 8;

const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_TYPE = 15;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_FIXED_NOREPLACE = 0x10_0000;

const MREMAP_MAYMOVE = 1;
const MREMAP_FIXED = 2;

const MADV_DONTNEED = 4;

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
  if (!file.canRead || (shared && (prot & PROT_WRITE) !== 0 && (file.status & O.accessMode) !== O.readWrite)) throw new LinuxError(Errno.EACCES);
  if (file instanceof DirectoryFile) throw new LinuxError(Errno.ENODEV);
  return file;
}

/** Fills a mapping with the file's bytes, as far as the file reaches. */
function loadFile(process: LinuxProcess, start: number, length: number, file: OpenFile, offset: number): void {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = file.readAt(bytes.subarray(done), offset + done);
    if (count === 0) break;
    done += count;
  }
  if (done > 0) process.space.pokeBytes(start, bytes.subarray(0, done));
}

function map(process: LinuxProcess, wish: number, length: number, prot: number, flags: number, fd: number, offset: number): number {
  const type = flags & MAP_TYPE;
  const { memory, space } = process;
  const kept = protection(process, prot);
  if (length === 0 || offset % PAGE !== 0) throw new LinuxError(Errno.EINVAL);
  if (length > ADDRESS_LIMIT) throw new LinuxError(Errno.ENOMEM);
  const fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
  let start = wish;
  if (fixed) {
    checkRange(wish, length, Errno.ENOMEM);
    if (wish < LOWEST_ADDRESS) throw new LinuxError(Errno.EPERM);
    if ((flags & MAP_FIXED) === 0 && !space.isFree(wish, pageUp(length))) throw new LinuxError(Errno.EEXIST);
  } else {
    const room = memory.findRoom(wish, length);
    if (room === undefined) throw new LinuxError(Errno.ENOMEM);
    start = room;
  }
  const shared = type === MAP_SHARED || type === 3;
  if (!shared && type !== MAP_PRIVATE) throw new LinuxError(Errno.EINVAL);
  const file = (flags & MAP_ANONYMOUS) === 0 ? mappableFile(process, fd, prot, shared) : undefined;
  if (fixed) process.mappings.remove(start, start + pageUp(length));
  if (!space.map(start, pageUp(length), kept, file === undefined ? '' : decodeText(file.name))) throw new LinuxError(Errno.ENOMEM);
  if (file !== undefined) {
    loadFile(process, start, length, file, offset);
    if (shared && (file.status & O.accessMode) === O.readWrite) process.mappings.add(start, pageUp(length), file, offset);
  }
  memory.logLayout('mmap');
  return start;
}

/** Copies mappings of a range to a free place, with their permissions, up to `length` bytes; the rest is new memory. */
function moveMappings(process: LinuxProcess, from: number, oldLength: number, to: number, length: number): void {
  const { space } = process;
  const pieces = space.mappings().filter((m) => m.start < from + oldLength && m.end > from);
  for (const piece of pieces) {
    const start = Math.max(piece.start, from);
    const end = Math.min(piece.end, from + oldLength);
    const target = to + (start - from);
    const isLast = end === from + oldLength;
    const wanted = Math.min(isLast ? length : end - from, length) - (start - from);
    if (wanted <= 0) continue;
    if (!space.map(target, wanted, piece.prot, piece.name)) throw new LinuxError(Errno.ENOMEM);
    if (piece.prot === 0) space.protect(start, end - start, PROT_READ);
    const bytes = space.kernelRead(start, Math.min(end - start, wanted));
    if (bytes !== undefined) space.pokeBytes(target, bytes);
  }
  space.unmap(from, oldLength);
}

function remap(process: LinuxProcess, from: number, oldLength: number, newLength: number, flags: number, wish: number): number {
  const { memory, space } = process;
  const oldSize = pageUp(oldLength);
  const newSize = pageUp(newLength);
  if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED)) !== 0 || newLength === 0 || oldLength === 0) throw new LinuxError(Errno.EINVAL);
  checkRange(from, oldSize, Errno.EFAULT);
  if (space.firstDenied(from, oldSize, 0) >= 0) throw new LinuxError(Errno.EFAULT);
  process.mappings.writeBack(from, from + oldSize);
  if ((flags & MREMAP_FIXED) !== 0) {
    if ((flags & MREMAP_MAYMOVE) === 0) throw new LinuxError(Errno.EINVAL);
    checkRange(wish, newSize, Errno.EINVAL);
    if (wish < from + oldSize && wish + newSize > from) throw new LinuxError(Errno.EINVAL);
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
    space.unmap(from + newSize, oldSize - newSize);
  } else if (newSize > oldSize) {
    const last = space.mappings().find((m) => m.start < from + oldSize && m.end >= from + oldSize);
    if (last === undefined || !space.isFree(from + oldSize, newSize - oldSize)) throw new LinuxError(Errno.ENOMEM);
    if (!space.map(from + oldSize, newSize - oldSize, last.prot, last.name)) throw new LinuxError(Errno.ENOMEM);
  }
  return from;
}

/** Anonymous private pages become zero; the others keep what they hold. */
function dropPages(process: LinuxProcess, start: number, length: number): void {
  for (const mapping of process.space.mappings()) {
    const from = Math.max(start, mapping.start);
    const to = Math.min(start + length, mapping.end);
    if (from < to && !mapping.name.startsWith('/') && mapping.prot !== 0) process.space.map(from, to - from, mapping.prot, mapping.name);
  }
}

export const memoryRows: readonly SyscallRow[] = [
  row('brk', [address], (process, end) => process.memory.setBreakEnd(end)),

  row('mmap', [address, size, int, int, int, size], (process, start, length, prot, flags, fd, offset) => map(process, start, length, prot, flags, fd, offset)),

  row('munmap', [address, size], (process, start, length) => {
    if (length === 0) throw new LinuxError(Errno.EINVAL);
    checkRange(start, length, Errno.EINVAL);
    process.mappings.remove(start, start + pageUp(length));
    process.space.unmap(start, pageUp(length));
    return 0;
  }),

  row('mprotect', [address, size, int], (process, start, length, prot) => {
    const kept = protection(process, prot);
    checkRange(start, length, Errno.ENOMEM);
    // Of an empty range QEMU says what Linux says of one that is not mapped.
    if (length === 0 || !process.space.protect(start, pageUp(length), kept)) throw new LinuxError(Errno.ENOMEM);
    return 0;
  }),

  row('mremap', [address, size, size, int, address], (process, from, oldLength, newLength, flags, wish) =>
    remap(process, from, oldLength, newLength, flags, wish),
  ),

  row('madvise', [address, size, int], (process, start, length, advice) => {
    checkRange(start, length, Errno.EINVAL);
    if (advice === MADV_DONTNEED) dropPages(process, start, pageUp(length));
    return 0;
  }),

  row('msync', [address, size, int], (process, start, length) => {
    checkRange(start, length, Errno.ENOMEM);
    process.mappings.writeBack(start, start + pageUp(length));
    return 0;
  }),

  // Nothing is ever swapped out.
  row('mlock', [address, size], () => 0),
  row('munlock', [address, size], () => 0),
  row('mlockall', [int], () => 0),
  row('munlockall', [], () => 0),

  row('mincore', [address, size, address], (process, start, length, vector) => {
    checkRange(start, length, Errno.ENOMEM);
    if (process.space.firstDenied(start, length, 0) >= 0) throw new LinuxError(Errno.ENOMEM);
    process.write(vector, new Uint8Array(pageUp(length) / PAGE).fill(1));
    return 0;
  }),
];
