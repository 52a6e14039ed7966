import { Errno, LinuxError } from '../errno.ts';
import { locate, placeStat } from '../files/locate.ts';
import { AT_FDCWD } from '../files/pathLookup.ts';
import type { LinuxProcess } from '../process.ts';
import { address, int, size } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';

/** Longest name of an extended attribute. */
const NAME_LIMIT = 255;

/** The name spaces that Linux has. */
const NAME_SPACES = ['user.', 'trusted.', 'security.', 'system.'];

const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;

/** What a call names: its file must be there. */
type Subject = (process: LinuxProcess, subject: number) => void;

const byPath =
  (follow: boolean): Subject =>
  (process, path) => {
    placeStat(process, locate(process, AT_FDCWD, process.string(path), follow), follow);
  };

const byDescriptor: Subject = (process, fd) => {
  process.files.get(fd);
};

function checkName(process: LinuxProcess, at: number): void {
  const bytes = process.space.kernelReadString(at, NAME_LIMIT);
  if (bytes === undefined) throw new LinuxError(process.space.firstDenied(at, NAME_LIMIT + 1, 1) < 0 ? Errno.ERANGE : Errno.EFAULT);
  if (bytes.length === 0) throw new LinuxError(Errno.ERANGE);
  const name = String.fromCharCode(...bytes);
  if (!NAME_SPACES.some((space) => name.startsWith(space))) throw new LinuxError(Errno.EOPNOTSUPP);
}

/**
 * The calls for extended attributes. Hosts have no way to them from JavaScript, so that files are shown as having none, which is
 * what nearly all have, and can be given none.
 */
function rowsFor(prefix: string, kind: typeof address | typeof int, subject: Subject): readonly SyscallRow[] {
  const none = (process: LinuxProcess, file: number, name: number): never => {
    subject(process, file);
    checkName(process, name);
    throw new LinuxError(Errno.ENODATA);
  };
  const asked = { errno: 'ENODATA', why: 'asks for extended attributes, which files are shown without' } as const;
  const set = { errno: 'EOPNOTSUPP', why: 'makes extended attributes, which the host gives no way to' } as const;
  return [
    { ...row(`${prefix}getxattr`, [kind, address], none), refused: asked },
    { ...row(`${prefix}removexattr`, [kind, address], none), refused: asked },
    row(`${prefix}listxattr`, [kind], (process, file) => {
      subject(process, file);
      return 0;
    }),
    {
      ...row(`${prefix}setxattr`, [kind, address, address, size, int], (process, file, name, value, length, flags) => {
        if ((flags & ~(XATTR_CREATE | XATTR_REPLACE)) !== 0) throw new LinuxError(Errno.EINVAL);
        checkName(process, name);
        process.read(value, Math.min(length, 65536));
        subject(process, file);
        throw new LinuxError(Errno.EOPNOTSUPP);
      }),
      refused: set,
    },
  ];
}

export const attributeRows: readonly SyscallRow[] = [
  ...rowsFor('', address, byPath(true)),
  ...rowsFor('l', address, byPath(false)),
  ...rowsFor('f', int, byDescriptor),
];
