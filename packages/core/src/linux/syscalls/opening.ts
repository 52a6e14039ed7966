import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { locate } from '../files/locate.ts';
import { O } from '../files/openFlags.ts';
import { closesOnExec, openPath, openPlace } from '../files/openPath.ts';
import { AT_FDCWD, join } from '../files/pathLookup.ts';
import { walk } from '../files/walk.ts';
import type { LinuxProcess } from '../process.ts';
import { plainParts } from '../procfs/find.ts';
import { address, int, size, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';

/** RESOLVE_* of openat2. */
const Resolve = { oneDevice: 1, noMagicLinks: 2, noLinks: 4, beneath: 8, inRoot: 0x10, cached: 0x20 } as const;
const RESOLVE_KNOWN = 0x3fn;

/** Parts of /proc/PID, as split by slashes: links below it are magic. */
const MAGIC_DEPTH = 3;

/** struct open_how: flags, mode, resolve. */
const OPEN_HOW_SIZE = 24;
const LARGEST_OPEN_HOW = 4096;

/** All flags that openat2 knows; openat takes others for nothing. */
function knownFlags({ guest }: LinuxProcess): number {
  const { directory, noFollow, direct, largeFile } = guest.linux.openFlags;
  return Object.values(O).reduce<number>((all, flag) => all | flag, 0) | directory | noFollow | direct | largeFile;
}

interface OpenHow {
  readonly flags: number;
  readonly mode: number;
  readonly resolve: number;
}

function readHow(process: LinuxProcess, at: number, length: number): OpenHow {
  if (length < OPEN_HOW_SIZE) throw new LinuxError(Errno.EINVAL);
  if (length > LARGEST_OPEN_HOW) throw new LinuxError(Errno.E2BIG);
  const view = process.view(at, length);
  for (let i = OPEN_HOW_SIZE; i < length; i++) if (view.getUint8(i) !== 0) throw new LinuxError(Errno.E2BIG);
  const [flags, mode, resolve] = [0, 8, 16].map((offset) => view.getBigUint64(offset, true));
  if ((flags & ~BigInt(knownFlags(process))) !== 0n || (resolve & ~RESOLVE_KNOWN) !== 0n) throw new LinuxError(Errno.EINVAL);
  const makes = (Number(flags) & (O.create | O.temporary)) !== 0;
  if (makes ? mode > 0o7777n : mode !== 0n) throw new LinuxError(Errno.EINVAL);
  const wish = Number(resolve);
  if ((wish & Resolve.beneath) !== 0 && (wish & Resolve.inRoot) !== 0) throw new LinuxError(Errno.EINVAL);
  return { flags: Number(flags), mode: Number(mode), resolve: wish };
}

/** Opens a path that may not lead everywhere. */
function openRestricted(process: LinuxProcess, dirfd: number, path: ByteString, { flags, mode, resolve }: OpenHow): number {
  const { host, paths, files } = process;
  // That the kernel would have to ask the disk can always be.
  if ((resolve & Resolve.cached) !== 0) throw new LinuxError(Errno.EAGAIN);
  const add = (file: Parameters<typeof files.add>[0]): number => files.add(file, closesOnExec(flags));
  const rest = resolve & ~Resolve.noMagicLinks;
  if (rest === 0) {
    const place = (resolve & Resolve.noMagicLinks) === 0 ? undefined : locate(process, dirfd, path, false);
    // Links of /proc/PID lead to the file itself, not to a path.
    if (place?.kind === 'node' && place.node.kind === 'link' && place.path.split('/').length > MAGIC_DEPTH) throw new LinuxError(Errno.ELOOP);
    return add(openPath(process, dirfd, path, flags, mode));
  }
  if (path === '') throw new LinuxError(Errno.ENOENT);
  const base = host.realPath(dirfd === AT_FDCWD ? paths.directory : join(paths.absolute(dirfd, '.' as ByteString), '' as ByteString));
  const bounded = (resolve & (Resolve.beneath | Resolve.inRoot)) !== 0;
  const { noFollow } = process.guest.linux.openFlags;
  const target = walk(host, bounded ? base : ('/' as ByteString), bounded ? [] : plainParts(base), path, {
    follow: (flags & noFollow) === 0 && (flags & (O.create | O.exclusive)) !== (O.create | O.exclusive),
    beyond: (resolve & Resolve.beneath) !== 0 ? 'refuse' : 'stay',
    noLinks: (resolve & Resolve.noLinks) !== 0,
    oneDevice: (resolve & Resolve.oneDevice) !== 0,
  });
  return add(openPlace(process, { kind: 'host', path: target }, path, flags | noFollow, mode));
}

export const openingRows: readonly SyscallRow[] = [
  row('openat', [int, address, int, unsigned], (process, dirfd, path, flags, mode) =>
    process.files.add(openPath(process, dirfd, process.string(path), flags, mode), closesOnExec(flags)),
  ),

  row('openat2', [int, address, address, size], (process, dirfd, path, how, length) => {
    const wish = readHow(process, how, length);
    return openRestricted(process, dirfd, process.string(path), wish);
  }),
];
