import { assert } from '../../base/index.ts';
import type { LinuxProcess } from '../process.ts';
import type { SyscallArguments } from './arguments.ts';
import { attributeRows } from './attributes.ts';
import { barrierRows } from './barriers.ts';
import { capabilityRows } from './capabilities.ts';
import { clockAdjustmentRows } from './clockAdjustment.ts';
import { cloneRows } from './clone.ts';
import { copyingRows } from './copying.ts';
import { descriptorRows } from './descriptors.ts';
import { directoryRows } from './directories.ts';
import { eventRows } from './events.ts';
import { execRows } from './exec.ts';
import { fileSpaceRows } from './fileSpace.ts';
import { futexRows } from './futex.ts';
import { inotifyRows } from './inotify.ts';
import { lockRows } from './locks.ts';
import { memoryRows } from './memory.ts';
import { openingRows } from './opening.ts';
import { otherProcessRows } from './otherProcesses.ts';
import { pathRows } from './paths.ts';
import { pollingRows } from './polling.ts';
import { prctlRows } from './prctl.ts';
import { processRows } from './processes.ts';
import { refusedRows } from './refused.ts';
import type { SyscallResult, SyscallRow } from './row.ts';
import { schedulingRows } from './scheduling.ts';
import { sendingSignalRows } from './sendingSignals.ts';
import { signalfdRows } from './signalfd.ts';
import { signalRows } from './signals.ts';
import { socketMessageRows } from './socketMessages.ts';
import { socketRows } from './sockets.ts';
import { statRows } from './stats.ts';
import { terminalRows } from './terminal.ts';
import { timeRows } from './time.ts';
import { timerRows } from './timers.ts';
import { transferRows } from './transfer.ts';

/** Rows of calls that many programs make. */
const usualRows: readonly SyscallRow[] = [
  ...transferRows,
  ...descriptorRows,
  ...lockRows,
  ...openingRows,
  ...pathRows,
  ...directoryRows,
  ...statRows,
  ...memoryRows,
  ...processRows,
  ...cloneRows,
  ...execRows,
  ...futexRows,
  ...signalRows,
  ...sendingSignalRows,
  ...timeRows,
  ...terminalRows,
];

/** Calls that few programs make: their rows are read and made when one of them is called (scripts/bundle.mjs has them apart). */
const LATER_ROWS: readonly { readonly names: string; readonly rows: () => readonly SyscallRow[] }[] = [
  { names: 'sendfile copy_file_range splice tee vmsplice', rows: () => copyingRows },
  { names: 'fsync fdatasync sync syncfs sync_file_range fadvise64 readahead fallocate ftruncate', rows: () => fileSpaceRows },
  { names: 'signalfd4', rows: () => signalfdRows },
  { names: 'getitimer setitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete', rows: () => timerRows },
  {
    names: 'getxattr removexattr listxattr setxattr lgetxattr lremovexattr llistxattr lsetxattr fgetxattr fremovexattr flistxattr fsetxattr',
    rows: () => attributeRows,
  },
  {
    names:
      'sched_yield sched_getaffinity sched_setaffinity sched_getscheduler sched_setscheduler sched_getparam sched_setparam sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_getattr sched_setattr getcpu getpriority setpriority ioprio_get ioprio_set',
    rows: () => schedulingRows,
  },
  { names: 'capget capset', rows: () => capabilityRows },
  { names: 'prctl personality', rows: () => prctlRows },
  { names: 'process_vm_readv process_vm_writev kcmp', rows: () => otherProcessRows },
  { names: 'adjtimex clock_adjtime', rows: () => clockAdjustmentRows },
  { names: 'membarrier', rows: () => barrierRows },
  {
    names:
      'mount umount2 pivot_root move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr chroot sethostname setdomainname clock_settime settimeofday swapon swapoff reboot acct quotactl quotactl_fd vhangup lookup_dcookie syslog init_module finit_module delete_module kexec_load kexec_file_load setns open_by_handle_at fanotify_init fanotify_mark ptrace setgroups name_to_handle_at seccomp',
    rows: () => refusedRows,
  },
  { names: 'ppoll pselect6', rows: () => pollingRows },
  { names: 'eventfd2 timerfd_create timerfd_settime timerfd_gettime epoll_create1 epoll_ctl epoll_pwait epoll_pwait2', rows: () => eventRows },
  { names: 'inotify_init1 inotify_add_watch inotify_rm_watch', rows: () => inotifyRows },
  { names: 'socket socketpair bind listen accept accept4 connect getsockname getpeername setsockopt getsockopt shutdown', rows: () => socketRows },
  { names: 'sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg', rows: () => socketMessageRows },
];

/** Every system call that everystep implements. The others fail with ENOSYS, as rseq does under QEMU. */
export const allSyscallRows = (): readonly SyscallRow[] => [...usualRows, ...LATER_ROWS.flatMap(({ rows }) => rows())];

/** A row that is made when it is first asked for. */
class LaterRow implements SyscallRow {
  private found: SyscallRow | undefined;

  constructor(
    readonly name: string,
    private readonly rows: () => readonly SyscallRow[],
  ) {}

  private get row(): SyscallRow {
    this.found ??= this.rows().find(({ name }) => name === this.name);
    assert(this.found !== undefined, `there is no row for ${this.name}`);
    return this.found;
  }

  get types(): SyscallRow['types'] {
    return this.row.types;
  }

  get refused(): SyscallRow['refused'] {
    return this.row.refused;
  }

  run(process: LinuxProcess, given: SyscallArguments): SyscallResult {
    return this.row.run(process, given);
  }
}

/** The rows by an architecture's numbers. @param without names that fail as if there were no rows for them */
export function createSyscallTable(names: ReadonlyMap<number, string>, without: ReadonlySet<string> = new Set()): (SyscallRow | undefined)[] {
  const byName = new Map(usualRows.map((row) => [row.name, row]));
  for (const { names: later, rows } of LATER_ROWS) for (const name of later.split(' ')) byName.set(name, new LaterRow(name, rows));
  const table: (SyscallRow | undefined)[] = [];
  for (const [number, name] of names) if (!without.has(name)) table[number] = byName.get(name);
  return table;
}
