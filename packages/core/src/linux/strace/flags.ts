/** Names of bits, in the order in which QEMU prints them. A name of value 0 stands for no bit at all. */
export type FlagTable = readonly (readonly [name: string, bits: number])[];

/** The names of the bits that are set, the rest as a number; `0` if there is none of either. */
export function flagText(table: FlagTable, value: number): string {
  const names: string[] = [];
  let rest = value >>> 0;
  for (const [name, bits] of table) {
    if (bits === 0 ? value !== 0 : (rest & bits) >>> 0 !== bits >>> 0) continue;
    names.push(name);
    rest = (rest & ~bits) >>> 0;
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return names.length === 0 ? '0' : names.join('|');
}

/** The name of a value, or the number in hexadecimal. */
export const nameOf = (names: ReadonlyMap<number, string>, value: number): string =>
  names.get(value) ?? (value === 0 ? '0' : `0x${(value >>> 0).toString(16)}`);

const named = (first: number, ...names: string[]): Map<number, string> => new Map(names.map((name, i) => [first + i, name]));

export const PROT: FlagTable = [
  ['PROT_NONE', 0],
  ['PROT_EXEC', 4],
  ['PROT_READ', 1],
  ['PROT_WRITE', 2],
  ['PROT_SEM', 8],
  ['PROT_GROWSDOWN', 0x1000000],
  ['PROT_GROWSUP', 0x2000000],
];

export const MAP: FlagTable = [
  ['MAP_SHARED', 1],
  ['MAP_PRIVATE', 2],
  ['MAP_ANONYMOUS', 0x20],
  ['MAP_DENYWRITE', 0x800],
  ['MAP_FIXED', 0x10],
  ['MAP_GROWSDOWN', 0x100],
  ['MAP_EXECUTABLE', 0x1000],
  ['MAP_LOCKED', 0x2000],
  ['MAP_NONBLOCK', 0x10000],
  ['MAP_NORESERVE', 0x4000],
  ['MAP_POPULATE', 0x8000],
  ['MAP_UNINITIALIZED', 0x4000000],
];

/** Behind the access mode. The third is O_NOFOLLOW's number on arm64; QEMU calls it by the name that it has elsewhere. */
export const OPEN: FlagTable = [
  ['O_APPEND', 0o2000],
  ['O_CREAT', 0o100],
  ['O_DIRECTORY', 0o40000],
  ['O_EXCL', 0o200],
  ['O_LARGEFILE', 0o100000],
  ['O_NOCTTY', 0o400],
  ['O_NONBLOCK', 0o4000],
  ['O_DSYNC', 0o10000],
  ['__O_SYNC', 0o4000000],
  ['O_TRUNC', 0o1000],
  ['O_DIRECT', 0o200000],
  ['O_NOATIME', 0o1000000],
  ['O_CLOEXEC', 0o2000000],
  ['O_PATH', 0o10000000],
  ['__O_TMPFILE', 0o20000000],
];

export const OPEN_ACCESS: FlagTable = [
  ['O_RDONLY', 0],
  ['O_WRONLY', 1],
  ['O_RDWR', 2],
];

export const ACCESS: FlagTable = [
  ['F_OK', 0],
  ['R_OK', 4],
  ['W_OK', 2],
  ['X_OK', 1],
];

export const AT_FILE: FlagTable = [
  ['AT_EACCESS', 0x200],
  ['AT_SYMLINK_NOFOLLOW', 0x100],
];

export const AT_UNLINK: FlagTable = [['AT_REMOVEDIR', 0x200]];

export const AT_STATX: FlagTable = [
  ['AT_EMPTY_PATH', 0x1000],
  ['AT_NO_AUTOMOUNT', 0x800],
  ['AT_SYMLINK_NOFOLLOW', 0x100],
  ['AT_STATX_FORCE_SYNC', 0x2000],
  ['AT_STATX_DONT_SYNC', 0x4000],
];

export const STATX_MASK: FlagTable = [
  ['STATX_ALL', 0xfff],
  ['STATX_BASIC_STATS', 0x7ff],
  ['STATX_TYPE', 1],
  ['STATX_MODE', 2],
  ['STATX_NLINK', 4],
  ['STATX_UID', 8],
  ['STATX_GID', 0x10],
  ['STATX_ATIME', 0x20],
  ['STATX_MTIME', 0x40],
  ['STATX_CTIME', 0x80],
  ['STATX_INO', 0x100],
  ['STATX_SIZE', 0x200],
  ['STATX_BLOCKS', 0x400],
  ['STATX_BTIME', 0x800],
];

/** Types of a file, by their part of the mode. */
export const FILE_TYPES: ReadonlyMap<number, string> = new Map([
  [0o140000, 'S_IFSOCK'],
  [0o120000, 'S_IFLNK'],
  [0o100000, 'S_IFREG'],
  [0o060000, 'S_IFBLK'],
  [0o040000, 'S_IFDIR'],
  [0o020000, 'S_IFCHR'],
  [0o010000, 'S_IFIFO'],
]);

export const FALLOCATE: FlagTable = [
  ['FALLOC_FL_KEEP_SIZE', 1],
  ['FALLOC_FL_PUNCH_HOLE', 2],
  ['FALLOC_FL_NO_HIDE_STALE', 4],
  ['FALLOC_FL_COLLAPSE_RANGE', 8],
  ['FALLOC_FL_ZERO_RANGE', 0x10],
  ['FALLOC_FL_INSERT_RANGE', 0x20],
  ['FALLOC_FL_UNSHARE_RANGE', 0x40],
];

export const MLOCKALL: FlagTable = [
  ['MCL_CURRENT', 1],
  ['MCL_FUTURE', 2],
  ['MCL_ONFAULT', 4],
];

export const CLONE: FlagTable = [
  ['CLONE_VM', 0x100],
  ['CLONE_FS', 0x200],
  ['CLONE_FILES', 0x400],
  ['CLONE_SIGHAND', 0x800],
  ['CLONE_PTRACE', 0x2000],
  ['CLONE_VFORK', 0x4000],
  ['CLONE_PARENT', 0x8000],
  ['CLONE_THREAD', 0x10000],
  ['CLONE_NEWNS', 0x20000],
  ['CLONE_SYSVSEM', 0x40000],
  ['CLONE_SETTLS', 0x80000],
  ['CLONE_PARENT_SETTID', 0x100000],
  ['CLONE_CHILD_CLEARTID', 0x200000],
  ['CLONE_DETACHED', 0x400000],
  ['CLONE_UNTRACED', 0x800000],
  ['CLONE_CHILD_SETTID', 0x1000000],
  ['CLONE_NEWUTS', 0x4000000],
  ['CLONE_NEWIPC', 0x8000000],
  ['CLONE_NEWUSER', 0x10000000],
  ['CLONE_NEWPID', 0x20000000],
  ['CLONE_NEWNET', 0x40000000],
  ['CLONE_NEWCGROUP', 0x2000000],
  ['CLONE_NEWTIME', 0x80],
  ['CLONE_IO', 0x80000000],
];

export const UMOUNT: FlagTable = [
  ['MNT_FORCE', 1],
  ['MNT_DETACH', 2],
  ['MNT_EXPIRE', 4],
];

export const MOUNT: FlagTable = [
  ['MS_BIND', 0x1000],
  ['MS_DIRSYNC', 0x80],
  ['MS_MANDLOCK', 0x40],
  ['MS_MOVE', 0x2000],
  ['MS_NOATIME', 0x400],
  ['MS_NODEV', 4],
  ['MS_NODIRATIME', 0x800],
  ['MS_NOEXEC', 8],
  ['MS_NOSUID', 2],
  ['MS_RDONLY', 1],
  ['MS_RELATIME', 0x200000],
  ['MS_REMOUNT', 0x20],
  ['MS_SYNCHRONOUS', 0x10],
];

export const CLOCKS: ReadonlyMap<number, string> = named(
  0,
  'CLOCK_REALTIME',
  'CLOCK_MONOTONIC',
  'CLOCK_PROCESS_CPUTIME_ID',
  'CLOCK_THREAD_CPUTIME_ID',
  'CLOCK_MONOTONIC_RAW',
  'CLOCK_REALTIME_COARSE',
  'CLOCK_MONOTONIC_COARSE',
  'CLOCK_BOOTTIME',
  'CLOCK_REALTIME_ALARM',
  'CLOCK_BOOTTIME_ALARM',
  'CLOCK_SGI_CYCLE',
  'CLOCK_TAI',
);

export const WHENCE: ReadonlyMap<number, string> = named(0, 'SEEK_SET', 'SEEK_CUR', 'SEEK_END', 'SEEK_DATA', 'SEEK_HOLE');

export const MADVICE: ReadonlyMap<number, string> = new Map([
  ...named(0, 'MADV_NORMAL', 'MADV_RANDOM', 'MADV_SEQUENTIAL', 'MADV_WILLNEED', 'MADV_DONTNEED'),
  ...named(8, 'MADV_FREE', 'MADV_REMOVE', 'MADV_DONTFORK', 'MADV_DOFORK', 'MADV_MERGEABLE', 'MADV_UNMERGEABLE', 'MADV_HUGEPAGE', 'MADV_NOHUGEPAGE'),
  ...named(16, 'MADV_DONTDUMP', 'MADV_DODUMP', 'MADV_WIPEONFORK', 'MADV_KEEPONFORK', 'MADV_COLD', 'MADV_PAGEOUT', 'MADV_POPULATE_READ'),
  ...named(23, 'MADV_POPULATE_WRITE'),
]);

export const FUTEX_COMMANDS: ReadonlyMap<number, string> = named(
  0,
  'FUTEX_WAIT',
  'FUTEX_WAKE',
  'FUTEX_FD',
  'FUTEX_REQUEUE',
  'FUTEX_CMP_REQUEUE',
  'FUTEX_WAKE_OP',
  'FUTEX_LOCK_PI',
  'FUTEX_UNLOCK_PI',
  'FUTEX_TRYLOCK_PI',
  'FUTEX_WAIT_BITSET',
  'FUTEX_WAKE_BITSET',
  'FUTEX_WAIT_REQUEUE_PI',
  'FUTEX_CMP_REQUEUE_PI',
  'FUTEX_LOCK_PI2',
);

export const FUTEX_FLAGS: FlagTable = [
  ['FUTEX_PRIVATE_FLAG', 0x80],
  ['FUTEX_CLOCK_REALTIME', 0x100],
];

export const SIGMASK_HOW: ReadonlyMap<number, string> = named(0, 'SIG_BLOCK', 'SIG_UNBLOCK', 'SIG_SETMASK');

export const INTERVAL_TIMERS: ReadonlyMap<number, string> = named(0, 'ITIMER_REAL', 'ITIMER_VIRTUAL', 'ITIMER_PROF');

/** Commands of fcntl, and what their argument is. */
export const FCNTL: ReadonlyMap<number, readonly [name: string, argument: 'none' | 'number' | 'flags' | 'pointer' | 'number,']> = new Map([
  [0, ['F_DUPFD', 'number']],
  [1, ['F_GETFD', 'none']],
  [2, ['F_SETFD', 'number']],
  [3, ['F_GETFL', 'none']],
  [4, ['F_SETFL', 'flags']],
  [5, ['F_GETLK', 'pointer']],
  [6, ['F_SETLK', 'pointer']],
  [7, ['F_SETLKW', 'pointer']],
  [8, ['F_SETOWN', 'number,']],
  [9, ['F_GETOWN', 'none']],
  [10, ['F_SETSIG', 'number,']],
  [11, ['F_GETSIG', 'none']],
  [15, ['F_SETOWN_EX', 'pointer']],
  [16, ['F_GETOWN_EX', 'pointer']],
  [36, ['F_OFD_GETLK', 'pointer']],
  [37, ['F_OFD_SETLK', 'pointer']],
  [38, ['F_OFD_SETLKW', 'pointer']],
  [1024, ['F_SETLEASE', 'number']],
  [1025, ['F_GETLEASE', 'none']],
  [1026, ['F_NOTIFY', 'number']],
  [1030, ['F_DUPFD_CLOEXEC', 'number']],
  [1031, ['F_SETPIPE_SZ', 'number']],
  [1032, ['F_GETPIPE_SZ', 'none']],
  [1033, ['F_ADD_SEALS', 'pointer']],
  [1034, ['F_GET_SEALS', 'none']],
]);

/** Requests of ioctl that are shown by name, and what their argument is: a result is told behind the call. */
export const IOCTL: ReadonlyMap<
  number,
  readonly [name: string, argument: 'none' | 'number' | 'int in' | 'int out' | 'termios in' | 'termios out' | 'size in' | 'size out']
> = new Map([
  [0x5401, ['TCGETS', 'termios out']],
  [0x5402, ['TCSETS', 'termios in']],
  [0x5403, ['TCSETSW', 'termios in']],
  [0x5404, ['TCSETSF', 'termios in']],
  [0x5409, ['TCSBRK', 'number']],
  [0x540a, ['TCXONC', 'number']],
  [0x540b, ['TCFLSH', 'number']],
  [0x540c, ['TIOCEXCL', 'none']],
  [0x540d, ['TIOCNXCL', 'none']],
  [0x540e, ['TIOCSCTTY', 'number']],
  [0x540f, ['TIOCGPGRP', 'int out']],
  [0x5410, ['TIOCSPGRP', 'int in']],
  [0x5411, ['TIOCOUTQ', 'int out']],
  [0x5412, ['TIOCSTI', 'int in']],
  [0x5413, ['TIOCGWINSZ', 'size out']],
  [0x5414, ['TIOCSWINSZ', 'size in']],
  [0x5415, ['TIOCMGET', 'int out']],
  [0x541b, ['FIONREAD', 'int out']],
  [0x5421, ['FIONBIO', 'int in']],
  [0x5422, ['TIOCNOTTY', 'none']],
  [0x5423, ['TIOCSETD', 'int in']],
  [0x5424, ['TIOCGETD', 'int out']],
  [0x5425, ['TCSBRKP', 'number']],
  [0x5429, ['TIOCGSID', 'int out']],
  [0x5450, ['FIONCLEX', 'none']],
  [0x5451, ['FIOCLEX', 'none']],
  [0x5452, ['FIOASYNC', 'int in']],
  [2, ['FIGETBSZ', 'int out']],
  [0x1268, ['BLKSSZGET', 'int out']],
  [0x40049409, ['FICLONE', 'number']],
  [0x40045431, ['TIOCSPTLCK', 'int in']],
]);

/** Fields of struct termios (include/uapi/asm-generic/termbits.h). */
export const TERMIOS_INPUT: FlagTable = [
  ['IGNBRK', 1],
  ['BRKINT', 2],
  ['IGNPAR', 4],
  ['PARMRK', 8],
  ['INPCK', 0x10],
  ['ISTRIP', 0x20],
  ['INLCR', 0x40],
  ['IGNCR', 0x80],
  ['ICRNL', 0x100],
  ['IUCLC', 0x200],
  ['IXON', 0x400],
  ['IXANY', 0x800],
  ['IXOFF', 0x1000],
  ['IMAXBEL', 0x2000],
  ['IUTF8', 0x4000],
];

export const TERMIOS_OUTPUT: FlagTable = [
  ['OPOST', 1],
  ['OLCUC', 2],
  ['ONLCR', 4],
  ['OCRNL', 8],
  ['ONOCR', 0x10],
  ['ONLRET', 0x20],
  ['OFILL', 0x40],
  ['OFDEL', 0x80],
];

export const TERMIOS_LOCAL: FlagTable = [
  ['ISIG', 1],
  ['ICANON', 2],
  ['XCASE', 4],
  ['ECHO', 8],
  ['ECHOE', 0x10],
  ['ECHOK', 0x20],
  ['ECHONL', 0x40],
  ['NOFLSH', 0x80],
  ['TOSTOP', 0x100],
  ['ECHOCTL', 0x200],
  ['ECHOPRT', 0x400],
  ['ECHOKE', 0x800],
  ['FLUSHO', 0x1000],
  ['PENDIN', 0x4000],
  ['IEXTEN', 0x8000],
  ['EXTPROC', 0x10000],
];

/** Values of the fields inside c_oflag: mask, position, prefix of the name behind which the value stands. */
export const TERMIOS_DELAYS: readonly (readonly [mask: number, shift: number, name: string])[] = [
  [0x100, 8, 'NL'],
  [0x600, 9, 'CR'],
  [0x1800, 11, 'TAB'],
  [0x2000, 13, 'BS'],
  [0x4000, 14, 'VT'],
  [0x8000, 15, 'FF'],
];

/** CBAUD and CSIZE of c_cflag. */
export const TERMIOS_SPEED_MASK = 0x100f;
export const TERMIOS_SIZE_MASK = 0x30;

export const TERMIOS_SPEEDS: ReadonlyMap<number, string> = new Map([
  ...named(0, 'B0', 'B50', 'B75', 'B110', 'B134', 'B150', 'B200', 'B300', 'B600', 'B1200', 'B1800', 'B2400', 'B4800', 'B9600', 'B19200', 'B38400'),
  ...named(0x1001, 'B57600', 'B115200', 'B230400', 'B460800'),
]);

export const TERMIOS_SIZES: ReadonlyMap<number, string> = new Map([
  [0, 'CS5'],
  [0x10, 'CS6'],
  [0x20, 'CS7'],
  [0x30, 'CS8'],
]);

export const TERMIOS_CONTROL: FlagTable = [
  ['CSTOPB', 0x40],
  ['CREAD', 0x80],
  ['PARENB', 0x100],
  ['PARODD', 0x200],
  ['HUPCL', 0x400],
  ['CLOCAL', 0x800],
  ['CRTSCTS', 0x80000000],
];
