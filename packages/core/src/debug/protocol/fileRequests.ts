import { byteString, Errno, LinuxError } from '../../linux/index.ts';
import type { DebugFileStat, DebugFiles } from '../target.ts';
import { numberOfHex, stringOfHex } from './hex.ts';

/** gdb's numbers of errors (its manual, E.13.9.3) where they are not Linux's. */
const ENAMETOOLONG = 91;
const EUNKNOWN = 9999;
/** The largest of Linux's that gdb has with the same number. */
const LAST_SAME = Errno.ESPIPE;
/** Flags of vFile:open that ask for more than reading: O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC, O_EXCL. */
const WRITES = 0xe0b;

function failure(errno: number): string {
  const number = errno <= LAST_SAME ? errno : errno === Errno.ENAMETOOLONG ? ENAMETOOLONG : EUNKNOWN;
  return `F-1,${number.toString(16)}`;
}

/** struct stat of gdb's file requests: big-endian, 64 bytes. */
function statBytes({ mode, size, modified }: DebugFileStat): string {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  // st_dev 0, st_ino 4, st_mode 8, st_nlink 12, st_uid 16, st_gid 20, st_rdev 24,
  // st_size 28 (8), st_blksize 36 (8), st_blocks 44 (8), st_atime 52, st_mtime 56, st_ctime 60
  view.setUint32(8, mode);
  view.setUint32(12, 1);
  view.setBigUint64(28, size);
  view.setBigUint64(36, 4096n);
  view.setBigUint64(44, (size + 511n) / 512n);
  for (const at of [52, 56, 60]) view.setUint32(at, modified);
  return byteString(bytes);
}

const withData = (data: string): string => `F${data.length.toString(16)};${data}`;

function perform(files: DebugFiles, operation: string, args: readonly string[], most: number): string {
  const numbers = args.map((each) => numberOfHex(each) ?? 0);
  switch (operation) {
    case 'setfs':
      // All processes see the same files.
      return 'F0';
    case 'open': {
      const path = stringOfHex(args[0]);
      if (path === undefined) return failure(Errno.EINVAL);
      if ((numbers[1] & WRITES) !== 0) return failure(Errno.EACCES);
      return `F${files.open(path).toString(16)}`;
    }
    case 'pread':
      return withData(byteString(files.read(numbers[0], Math.min(numbers[1], most), numbers[2])));
    case 'fstat':
      return withData(statBytes(files.stat(numbers[0])));
    case 'close':
      files.close(numbers[0]);
      return 'F0';
    case 'readlink': {
      const path = stringOfHex(args[0]);
      return path === undefined ? failure(Errno.EINVAL) : withData(files.readLink(path));
    }
    default:
      return '';
  }
}

/**
 * Answers a request about files: gdb reads the program and its libraries so, where it has no copies.
 * @param request what follows `vFile:`
 * @param most bytes of a piece
 */
export function fileRequest(files: DebugFiles, request: string, most: number): string {
  const colon = request.indexOf(':');
  try {
    return perform(files, request.slice(0, colon), request.slice(colon + 1).split(','), most);
  } catch (error) {
    if (error instanceof LinuxError) return failure(error.errno);
    throw error;
  }
}
