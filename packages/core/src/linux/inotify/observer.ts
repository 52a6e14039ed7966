import type { ByteString } from '../byteString.ts';
import { hostPath, namePath } from '../files/locate.ts';
import { O } from '../files/openFlags.ts';
import { AT_FDCWD } from '../files/pathLookup.ts';
import type { LinuxProcess, SyscallCall, SyscallObserver } from '../process.ts';
import type { Closings } from './closings.ts';
import { In } from './events.ts';
import type { FileWatches, Subject } from './fileWatches.ts';
import { attempt, placeOf, subjectAt, subjectOf } from './subjects.ts';

/** AT_SYMLINK_NOFOLLOW */
const NO_FOLLOW = 0x100;
/** AT_REMOVEDIR */
const REMOVE_DIRECTORY = 0x200;

/** What there was before a call. */
interface Before {
  /** What has the name that is about to be removed, or was opened; undefined: nothing. */
  readonly source: Subject | undefined;
  /** What a rename is about to replace. */
  readonly target?: Subject | undefined;
}

/** Finds out from the guests' system calls what happens to files, and tells those who watch. */
export class InotifyObserver implements SyscallObserver {
  /** By thread. */
  private readonly before = new Map<number, Before>();

  constructor(
    private readonly watches: FileWatches,
    private readonly closings: Closings,
  ) {}

  enter(call: SyscallCall): void {
    if (this.watches.isEmpty) return;
    const { process } = call;
    const before = attempt(() => this.look(call));
    if (before !== undefined) this.before.set(process.thread.tid, before);
  }

  private look({ process, name, given }: SyscallCall): Before | undefined {
    const named = (fd: number, path: number): Subject | undefined => subjectAt(process.host, nameAt(process, given.int(fd), given.address(path)), false);
    switch (name) {
      case 'openat':
      case 'openat2':
        return { source: subjectAt(process.host, pathAt(process, given.int(0), given.address(1), true), true) };
      case 'unlinkat':
        return { source: named(0, 1) };
      case 'renameat':
      case 'renameat2':
        return { source: named(0, 1), target: named(2, 3) };
      default:
        return undefined;
    }
  }

  leave(call: SyscallCall, result: bigint | undefined, restarts: boolean): void {
    if (this.watches.isEmpty || restarts) return;
    const { tid } = call.process.thread;
    const before = this.before.get(tid);
    this.before.delete(tid);
    if (result !== undefined && result >= 0n) attempt(() => this.done(call, Number(result), before));
  }

  /** A call has succeeded. */
  private done({ process, name, given }: SyscallCall, result: number, before: Before | undefined): void {
    switch (name) {
      case 'openat':
        return this.opened(process, result, given.int(2), before);
      case 'openat2':
        return this.opened(process, result, process.view(given.address(2), 4).getUint32(0, true), before);
      case 'read':
      case 'readv':
      case 'pread64':
      case 'preadv':
      case 'preadv2':
      case 'getdents64':
        return this.moved(process, result, given.int(0), undefined);
      case 'write':
      case 'writev':
      case 'pwrite64':
      case 'pwritev':
      case 'pwritev2':
        return this.moved(process, result, undefined, given.int(0));
      case 'sendfile':
        return this.moved(process, result, given.int(1), given.int(0));
      case 'splice':
      case 'copy_file_range':
        return this.moved(process, result, given.int(0), given.int(2));
      case 'ftruncate':
      case 'fallocate':
        return this.tellOpen(process, given.int(0), In.modify);
      case 'truncate':
        return this.tellPath(process, pathAt(process, AT_FDCWD, given.address(0), true), true, In.modify);
      case 'fchmod':
      case 'fchown':
      case 'fsetxattr':
      case 'fremovexattr':
        return this.tellOpen(process, given.int(0), In.attrib);
      case 'setxattr':
      case 'removexattr':
        return this.tellPath(process, pathAt(process, AT_FDCWD, given.address(0), true), true, In.attrib);
      case 'lsetxattr':
      case 'lremovexattr':
        return this.tellPath(process, pathAt(process, AT_FDCWD, given.address(0), false), false, In.attrib);
      case 'fchmodat':
        return this.attributes(process, given.int(0), given.address(1), 0);
      case 'fchmodat2':
      case 'utimensat':
        return this.attributes(process, given.int(0), given.address(1), given.int(3));
      case 'fchownat':
        return this.attributes(process, given.int(0), given.address(1), given.int(4));
      case 'mkdirat':
        return this.made(process, nameAt(process, given.int(0), given.address(1)), In.isDirectory);
      case 'mknodat':
        return this.made(process, nameAt(process, given.int(0), given.address(1)), 0);
      case 'symlinkat':
        return this.made(process, nameAt(process, given.int(1), given.address(2)), 0);
      case 'linkat':
        return this.linked(process, nameAt(process, given.int(2), given.address(3)));
      case 'unlinkat':
        return this.removed(process, before?.source, (given.int(2) & REMOVE_DIRECTORY) !== 0);
      case 'renameat':
      case 'renameat2':
        return this.renamed(process, before, nameAt(process, given.int(2), given.address(3)));
      default:
    }
  }

  private tellOpen(process: LinuxProcess, fd: number, events: number): void {
    const subject = subjectOf(process.host, process.files.get(fd));
    if (subject !== undefined) this.watches.tellBoth(subject, events);
  }

  private tellPath({ host }: LinuxProcess, path: ByteString, follow: boolean, events: number): void {
    const subject = subjectAt(host, path, follow);
    if (subject !== undefined) this.watches.tellBoth(subject, events);
  }

  private opened(process: LinuxProcess, fd: number, flags: number, before: Before | undefined): void {
    const file = process.files.get(fd);
    const subject = subjectOf(process.host, file);
    if (subject === undefined || (flags & O.path) !== 0) return;
    const isNew = before?.source === undefined;
    if (isNew && subject.folder !== undefined) this.watches.tell(subject.folder, In.create, subject.name);
    if (!isNew && (flags & O.truncate) !== 0) this.watches.tellBoth(subject, In.modify);
    this.watches.tellBoth(subject, In.open);
    this.closings.expect(file);
  }

  private moved(process: LinuxProcess, count: number, from: number | undefined, to: number | undefined): void {
    if (count === 0) return;
    if (from !== undefined) this.tellOpen(process, from, In.access);
    if (to !== undefined) this.tellOpen(process, to, In.modify);
  }

  private attributes(process: LinuxProcess, dirfd: number, pathAddress: number, flags: number): void {
    if (pathAddress === 0 || process.string(pathAddress) === '') return this.tellOpen(process, dirfd, In.attrib);
    const follow = (flags & NO_FOLLOW) === 0;
    this.tellPath(process, pathAt(process, dirfd, pathAddress, follow), follow, In.attrib);
  }

  private made({ host }: LinuxProcess, path: ByteString, mask: number): void {
    const place = placeOf(host, path);
    if (place !== undefined) this.watches.tell(place.folder, In.create | mask, place.name);
  }

  private linked(process: LinuxProcess, path: ByteString): void {
    const subject = subjectAt(process.host, path, false);
    if (subject !== undefined) this.watches.tell(subject.key, In.attrib);
    this.made(process, path, 0);
  }

  private removed(process: LinuxProcess, subject: Subject | undefined, isDirectory: boolean): void {
    if (subject === undefined) return;
    const { key, folder, name } = subject;
    if (!isDirectory) this.watches.tell(key, In.attrib);
    if (folder !== undefined) this.watches.tell(folder, In.delete | (isDirectory ? In.isDirectory : 0), name);
    this.lostName(process, subject);
  }

  /** A file has one name less: perhaps it is no more. */
  private lostName({ kernel }: LinuxProcess, { key, isDirectory, links }: Subject): void {
    if (!this.watches.has(key) || this.closings.isOpen(kernel.processes.values(), key)) return;
    if (isDirectory || links <= 1) this.watches.deleted(key);
  }

  private renamed(process: LinuxProcess, before: Before | undefined, to: ByteString): void {
    const source = before?.source;
    const place = placeOf(process.host, to);
    if (source === undefined || source.key === before?.target?.key) return;
    const mask = source.isDirectory ? In.isDirectory : 0;
    const cookie = this.watches.nextCookie();
    if (source.folder !== undefined) this.watches.tell(source.folder, In.movedFrom | mask, source.name, cookie);
    if (place !== undefined) this.watches.tell(place.folder, In.movedTo | mask, place.name, cookie);
    const target = before?.target;
    if (target !== undefined && !target.isDirectory) this.watches.tell(target.key, In.attrib);
    this.watches.tell(source.key, In.moveSelf);
    if (target !== undefined) this.lostName(process, target);
  }
}

const pathAt = (process: LinuxProcess, dirfd: number, address: number, follow: boolean): ByteString =>
  hostPath(process, dirfd, process.string(address), follow);

const nameAt = (process: LinuxProcess, dirfd: number, address: number): ByteString => namePath(process, dirfd, process.string(address));
