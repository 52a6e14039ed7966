import type { AddressSpace } from '../../engine/index.ts';
import type { SyscallArguments } from '../syscalls/arguments.ts';
import {
  ACCESS,
  AT_FILE,
  AT_STATX,
  AT_UNLINK,
  CLOCKS,
  CLONE,
  FALLOCATE,
  FCNTL,
  FUTEX_COMMANDS,
  FUTEX_FLAGS,
  flagText,
  INTERVAL_TIMERS,
  IOCTL,
  MADVICE,
  MAP,
  MLOCKALL,
  nameOf,
  PROT,
  SIGMASK_HOW,
  STATX_MASK,
  WHENCE,
} from './flags.ts';
import { d, dirfd, flags, ld, lu, mode, modeText, name, o, openFlags, type Printer, p, pointer, signal, string, u, x } from './printers.ts';
import { hexAddress, intText, termiosText, timespecText, timevalText, timezoneText, windowSizeText } from './structures.ts';

/** Prints all arguments, without their brackets. */
type ArgumentsPrinter = (given: SyscallArguments, space: AddressSpace) => string;

/** What stands behind the call; undefined: the value as a number. */
type ResultPrinter = (result: bigint, given: SyscallArguments, space: AddressSpace) => string;

/** How QEMU shows a system call. */
export interface Format {
  readonly arguments: ArgumentsPrinter;
  readonly result: ResultPrinter | undefined;
}

const list =
  (...printers: readonly Printer[]): ArgumentsPrinter =>
  (given, space) =>
    printers.map((print, i) => print(given, i, space)).join(',');

/** Calls of which QEMU knows nothing more: six numbers, whatever they are. */
const PLAIN: Format = { arguments: list(ld, ld, ld, ld, ld, ld), result: undefined };

const timespec: Printer = (given, i, space) => timespecText(space, given.long(i));
const prot = flags(PROT);
const clock = name(CLOCKS);

/** What a successful call stored, behind its value. */
const stored =
  (i: number, text: (space: AddressSpace, address: bigint) => string): ResultPrinter =>
  (result, given, space) =>
    `${result} (${text(space, given.long(i))})`;

const openArguments: ArgumentsPrinter = (given, space) => {
  const value = given.unsigned(2);
  const beginning = `${dirfd(given, 0, space)},${string(given, 1, space)},${openFlags(value)}`;
  return (value & 0o100) === 0 ? beginning : `${beginning},${modeText(given.unsigned(3))}`;
};

const mknodArguments: ArgumentsPrinter = (given, space) => {
  const type = given.unsigned(2) & 0o170000;
  const device = BigInt(given.unsigned(3));
  const beginning = `${dirfd(given, 0, space)},${string(given, 1, space)},${modeText(given.unsigned(2))}`;
  const isDevice = type === 0o020000 || type === 0o060000 || type === 0o140000;
  return isDevice ? `${beginning},makedev(${(device >> 8n) & 0xfffn},${(device & 0xffn) | ((device >> 12n) & 0xfff00n)})` : beginning;
};

const fcntlArguments: ArgumentsPrinter = (given, space) => {
  const [label, argument] = FCNTL.get(given.size(1)) ?? [ld(given, 1, space), 'pointer'];
  const beginning = `${d(given, 0, space)},${label}`;
  switch (argument) {
    case 'none':
      return beginning;
    case 'number':
      return `${beginning},${ld(given, 2, space)}`;
    // With a comma too many, in QEMU.
    case 'number,':
      return `${beginning},${ld(given, 2, space)},`;
    case 'flags':
      return `${beginning},${openFlags(given.unsigned(2))}`;
    case 'pointer':
      return `${beginning},${pointer(given, 2, space)}`;
  }
};

const ioctlArguments: ArgumentsPrinter = (given, space) => {
  const known = IOCTL.get(given.unsigned(1));
  if (known === undefined) return `${d(given, 0, space)},${x(given, 1, space)},${x(given, 2, space)}`;
  const [label, argument] = known;
  const beginning = `${d(given, 0, space)},${label}`;
  const at = given.long(2);
  switch (argument) {
    case 'none':
      return beginning;
    case 'number':
      return `${beginning},${d(given, 2, space)}`;
    case 'int in':
      return `${beginning},${intText(space, at)}`;
    case 'termios in':
      return `${beginning},${termiosText(space, at)}`;
    case 'size in':
      return `${beginning},${windowSizeText(space, at)}`;
    default:
      return `${beginning},${pointer(given, 2, space)}`;
  }
};

const ioctlResult: ResultPrinter = (result, given, space) => {
  const at = given.long(2);
  switch (IOCTL.get(given.unsigned(1))?.[1]) {
    case 'int out':
      return `${result} (${intText(space, at)})`;
    case 'termios out':
      return `${result} (${termiosText(space, at)})`;
    case 'size out':
      return `${result} (${windowSizeText(space, at)})`;
    default:
      return `${result}`;
  }
};

/** FUTEX_CMP_REQUEUE_PI and the others whose fourth argument is a number of waiters, not a time. */
const FUTEX_WITH_NUMBER = new Set([3, 4, 5, 12]);

const futexArguments: ArgumentsPrinter = (given, space) => {
  const operation = given.unsigned(1);
  const command = operation & 0x7f;
  const marks = FUTEX_FLAGS.filter(([, bit]) => (operation & bit) !== 0).map(([label]) => `${label}|`);
  const label = (operation & ~0x1ff) === 0 ? `${marks.join('')}${nameOf(FUTEX_COMMANDS, command)}` : x(given, 1, space);
  const fourth = FUTEX_WITH_NUMBER.has(command) ? pointer : timespec;
  // QEMU shows the fifth argument again where the sixth should be.
  const last = d(given, 4, space);
  return [pointer(given, 0, space), label, d(given, 2, space), fourth(given, 3, space), pointer(given, 4, space), last].join(',');
};

const cloneArguments: ArgumentsPrinter = (given) => {
  const parts = ['child_stack', 'parent_tidptr', 'tls', 'child_tidptr'].map((label, i) => `${label}=${hexAddress(given.long(i + 1))}`);
  return [flagText(CLONE, given.unsigned(0)), ...parts].join(',');
};

const execveArguments: ArgumentsPrinter = (given, space) => {
  const words: string[] = [];
  for (let at = given.address(1); ; at += 8) {
    const bytes = space.kernelRead(at, 8);
    const address = bytes === undefined ? 0n : new DataView(bytes.buffer).getBigUint64(0, true);
    if (address === 0n) break;
    const text = space.kernelReadString(Number(address), 65536);
    words.push(`"${text === undefined ? '' : String.fromCharCode(...text)}",`);
  }
  return `${string(given, 0, space)},{${words.join('')}NULL}`;
};

const how: Printer = (given, i) => SIGMASK_HOW.get(given.int(i)) ?? 'UNKNOWN';
const file = flags(AT_FILE);
const addressResult: ResultPrinter = (result) => hexAddress(BigInt.asUintN(64, result));

/** The calls that QEMU shows in a form of their own: arguments, and where it is special, the result. */
const FORMATS: Readonly<Record<string, ArgumentsPrinter | readonly [ArgumentsPrinter, ResultPrinter]>> = {
  getxattr: list(string, string, pointer, lu),
  lgetxattr: list(string, string, pointer, lu),
  fgetxattr: list(d, string, pointer, lu),
  listxattr: list(string, pointer, lu),
  llistxattr: list(string, pointer, lu),
  flistxattr: list(d, pointer, lu),
  removexattr: list(string, string),
  lremovexattr: list(string, string),
  fremovexattr: list(d, string),
  getcwd: list(p, d),
  eventfd2: list(d, d),
  epoll_create1: list(d),
  dup: list(d),
  dup3: list(d, d, d),
  fcntl: fcntlArguments,
  ioctl: [ioctlArguments, ioctlResult],
  mknodat: mknodArguments,
  mkdirat: list(dirfd, string, mode),
  unlinkat: list(dirfd, string, flags(AT_UNLINK)),
  symlinkat: list(string, dirfd, string),
  linkat: list(dirfd, string, dirfd, string, file),
  renameat: list(dirfd, string, dirfd, string),
  statfs: list(string, pointer),
  fstatfs: list(d, p),
  truncate: list(string, ld),
  ftruncate: list(d, ld),
  fallocate: list(d, flags(FALLOCATE), ld, ld),
  faccessat: list(dirfd, string, flags(ACCESS), file),
  faccessat2: list(dirfd, string, flags(ACCESS), file),
  chdir: list(string),
  fchdir: list(d),
  chroot: list(string),
  fchmod: list(d, o),
  fchmodat: list(dirfd, string, mode, file),
  fchownat: list(dirfd, string, d, d, file),
  fchown: list(d, d, d),
  openat: openArguments,
  close: list(d),
  getdents64: list(d, p, u),
  lseek: list(d, ld, name(WHENCE)),
  read: list(d, x, d),
  write: list(d, x, d),
  writev: list(d, p, x),
  readlinkat: list(dirfd, string, pointer, u),
  newfstatat: list(dirfd, string, pointer, file),
  fstat: list(d, pointer),
  fsync: list(d),
  fdatasync: list(d),
  utimensat: list(dirfd, string, pointer, file),
  acct: list(string),
  capget: list(p, p),
  capset: list(p, p),
  exit: list(d),
  exit_group: list(d),
  waitid: list(x, d, p, x),
  futex: futexArguments,
  getitimer: list(name(INTERVAL_TIMERS), pointer),
  timer_settime: list(d, d, p, p),
  clock_settime: list(clock, pointer),
  clock_gettime: [list(clock, pointer), stored(1, timespecText)],
  clock_getres: [list(clock, pointer), stored(1, timespecText)],
  clock_nanosleep: list(clock, d, timespec, timespec),
  syslog: list(d, pointer, d),
  kill: list(d, signal),
  tkill: list(d, signal),
  tgkill: list(d, d, signal),
  sigaltstack: list(p, p),
  rt_sigaction: list(signal, pointer, pointer),
  rt_sigprocmask: list(how, pointer, pointer),
  getpriority: list(x, x),
  setgid: list(u),
  setreuid: list(u, u),
  setresuid: list(u, u, d),
  setresgid: list(u, u, d),
  setfsuid: list(u),
  setfsgid: list(u),
  setpgid: list(u, u),
  getpgid: list(u),
  getsid: list(d),
  setsid: list(),
  uname: list(p),
  umask: list(o),
  getcpu: list(p, d),
  gettimeofday: [list(pointer, pointer), (result, given, space) => `${result} (${timevalText(space, given.long(0))},${timezoneText(space, given.long(1))})`],
  settimeofday: list(pointer, pointer),
  adjtimex: list(pointer),
  getpid: list(),
  getppid: list(),
  getuid: list(),
  geteuid: list(),
  getgid: list(),
  getegid: list(),
  gettid: list(),
  mq_unlink: list(string),
  mq_timedsend: list(d, p, d, u, p),
  mq_timedreceive: list(d, p, d, u, p),
  mq_notify: list(d, p),
  mq_getsetattr: list(d, p, p),
  listen: list(d, d),
  connect: list(d, x, d),
  shutdown: list(d, d),
  recvmsg: list(d, p, x),
  brk: [list(pointer), addressResult],
  munmap: list(pointer, d),
  clone: cloneArguments,
  execve: execveArguments,
  mmap: [list(pointer, d, prot, flags(MAP), d, x), addressResult],
  mprotect: list(pointer, d, prot),
  mlock: list(p, ld),
  munlock: list(p, ld),
  mlockall: list(flags(MLOCKALL)),
  munlockall: list(),
  madvise: list(pointer, d, name(MADVICE)),
  clock_adjtime: list(clock, pointer),
  syncfs: list(d),
  getrandom: list(p, u, u),
  copy_file_range: list(d, p, d, p, lu, u),
  statx: list(dirfd, string, flags(AT_STATX), flags(STATX_MASK), pointer),
  pidfd_send_signal: list(d, signal, pointer, u),
  pidfd_open: list(d, u),
  pidfd_getfd: list(d, d, u),
  close_range: list(u, u, u),
};

/** Calls that QEMU 7.2 has no name for, though Linux has. */
const UNKNOWN_TO_QEMU = new Set(
  `open_by_handle_at sched_setattr preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free io_pgetevents rseq kexec_file_load io_uring_setup
  io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick clone3 openat2 process_madvise epoll_pwait2 mount_setattr
  quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node
  cachestat fchmodat2`.split(/\s+/),
);

/** How QEMU shows the call of that name; undefined for one that it does not know. */
export function formatOf(call: string | undefined): Format | undefined {
  if (call === undefined || UNKNOWN_TO_QEMU.has(call)) return undefined;
  const own = Object.hasOwn(FORMATS, call) ? FORMATS[call] : undefined;
  if (own === undefined) return PLAIN;
  return typeof own === 'function' ? { arguments: own, result: undefined } : { arguments: own[0], result: own[1] };
}
