import { assert } from '../../base/index.ts';
import type { AddressSpace } from '../../engine/index.ts';
import { deviceMajor, deviceMinor } from '../structs.ts';
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
  MOUNT,
  nameOf,
  PROT,
  SIGMASK_HOW,
  STATX_MASK,
  UMOUNT,
  WHENCE,
} from './flags.ts';
import { d, dirfd, flags, ld, lu, mode, modeText, name, o, openFlags, type Printer, p, pointer, signal, string, u, x } from './printers.ts';
import { interval, intervalText, ipcCommand, signalInfo } from './signalsAndTimers.ts';
import { lengthThere, socketAddress, socketFamily, socketProtocol, socketType } from './sockets.ts';
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

/** Calls of which QEMU knows nothing more than the name: six numbers, whatever they are. */
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

const messageQueueArguments: ArgumentsPrinter = (given, space) => {
  const value = given.unsigned(1);
  const beginning = `${string(given, 0, space)},${openFlags(value)}`;
  return (value & 0o100) === 0 ? beginning : `${beginning},${modeText(given.unsigned(2))},${pointer(given, 3, space)}`;
};

/** An address, also where it is 0. */
const hexPointer: Printer = (given, i) => hexAddress(given.long(i));

const mknodArguments: ArgumentsPrinter = (given, space) => {
  const device = given.long(3);
  const beginning = `${dirfd(given, 0, space)},${string(given, 1, space)},${modeText(given.unsigned(2))}`;
  // The bits that the types of devices have; others have some of them, too.
  const isDevice = (given.unsigned(2) & 0o060000) !== 0;
  return isDevice ? `${beginning},makedev(${deviceMajor(device) | 0},${deviceMinor(device) | 0})` : beginning;
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
  umount2: list(string, flags(UMOUNT)),
  mount: list(string, string, string, flags(MOUNT), pointer),
  unshare: list(flags(CLONE)),
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
  getitimer: [list(name(INTERVAL_TIMERS), pointer), stored(1, intervalText)],
  setitimer: [list(name(INTERVAL_TIMERS), interval, pointer), (result, given, space) => `${result} (old_value = ${intervalText(space, given.long(2))})`],
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
  rt_sigqueueinfo: list(d, signal, signalInfo),
  rt_tgsigqueueinfo: list(d, d, signal, signalInfo),
  rt_sigprocmask: list(how, pointer, pointer),
  getpriority: list(x, x),
  setgid: list(u),
  setreuid: list(u, u),
  setresuid: list(u, u, u),
  setresgid: list(u, u, u),
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
  mq_open: messageQueueArguments,
  semctl: list(ld, ld, ipcCommand, hexPointer),
  mq_unlink: list(string),
  mq_timedsend: list(d, p, d, u, p),
  mq_timedreceive: list(d, p, d, u, p),
  mq_notify: list(d, p),
  mq_getsetattr: list(d, p, p),
  socket: list(socketFamily, socketType, socketProtocol),
  bind: list(d, socketAddress),
  accept: list(d, pointer, lengthThere),
  listen: list(d, d),
  connect: list(d, x, d),
  recvmsg: list(d, p, x),
  brk: [list(pointer), addressResult],
  munmap: list(pointer, d),
  clone: cloneArguments,
  execve: execveArguments,
  mmap: [list(pointer, d, prot, flags(MAP), d, x), addressResult],
  mprotect: list(pointer, d, prot),
  mlock: list(p, lu),
  munlock: list(p, lu),
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
const UNKNOWN_TO_QEMU: ReadonlySet<string> = new Set(
  `open_by_handle_at sched_setattr preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free io_pgetevents rseq kexec_file_load io_uring_setup
  io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick clone3 openat2 process_madvise epoll_pwait2 mount_setattr
  quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease futex_waitv set_mempolicy_home_node
  cachestat fchmodat2`.split(/\s+/),
);

/** Calls that QEMU shows as six numbers. */
const PLAIN_CALLS: ReadonlySet<string> = new Set(
  `io_setup io_destroy io_submit io_cancel io_getevents setxattr lsetxattr fsetxattr lookup_dcookie epoll_ctl epoll_pwait inotify_init1
  inotify_add_watch inotify_rm_watch ioprio_set ioprio_get flock pivot_root nfsservctl pipe2 quotactl readv pread64 pwrite64 preadv pwritev
  sendfile pselect6 ppoll signalfd4 vmsplice splice tee sync sync_file_range timerfd_create timerfd_settime timerfd_gettime personality
  set_tid_address set_robust_list get_robust_list nanosleep kexec_load init_module delete_module timer_create timer_gettime timer_getoverrun
  timer_delete ptrace sched_setparam sched_setscheduler sched_getscheduler sched_getparam sched_setaffinity sched_getaffinity sched_yield
  sched_get_priority_max sched_get_priority_min sched_rr_get_interval rt_sigsuspend rt_sigpending rt_sigtimedwait setpriority setregid setuid
  getresuid getresgid times getgroups setgroups sethostname setdomainname getrlimit setrlimit getrusage prctl sysinfo msgget msgctl msgrcv msgsnd
  semget semtimedop semop shmget shmctl shmat shmdt socketpair getsockname getpeername sendto recvfrom setsockopt getsockopt shutdown sendmsg
  readahead mremap add_key request_key keyctl fadvise64 swapon swapoff msync mincore remap_file_pages mbind get_mempolicy set_mempolicy
  migrate_pages move_pages perf_event_open accept4 recvmmsg wait4 prlimit64 fanotify_init fanotify_mark name_to_handle_at setns sendmmsg
  process_vm_readv process_vm_writev kcmp finit_module sched_getattr renameat2 seccomp memfd_create bpf execveat userfaultfd membarrier mlock2
  vhangup restart_syscall rt_sigreturn reboot`.split(/\s+/),
);

/** Arguments of calls of whose addresses QEMU shows the low half: all of them. */
const WHOLE_ADDRESSES: Readonly<Record<string, ArgumentsPrinter>> = { read: list(d, p, d), write: list(d, p, d), connect: list(d, p, d) };

/** As `formatOf`, with whole addresses: for questions, whose answers are asked about again. */
export function wholeFormatOf(call: string | undefined): Format | undefined {
  const format = formatOf(call);
  const whole = WHOLE_ADDRESSES[call ?? ''];
  return format === undefined || whole === undefined ? format : { ...format, arguments: whole };
}

/** How QEMU shows the call of that name; undefined for one that it does not know. */
export function formatOf(call: string | undefined): Format | undefined {
  if (call === undefined || UNKNOWN_TO_QEMU.has(call)) return undefined;
  if (PLAIN_CALLS.has(call)) return PLAIN;
  const own = FORMATS[call];
  assert(own !== undefined, `no format for ${call}`);
  return typeof own === 'function' ? { arguments: own, result: undefined } : { arguments: own[0], result: own[1] };
}
