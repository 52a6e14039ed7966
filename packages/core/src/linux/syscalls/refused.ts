import type { ErrnoName } from '../errno.ts';
import { refusal, type SyscallRow } from './row.ts';

/** Calls that always fail, by the reason. What is in none of these lists and has no row fails with ENOSYS, and is logged by -d unimp. */
const REFUSED: readonly (readonly [errno: ErrnoName, why: string, names: string])[] = [
  ['EPERM', 'changes the mounts of the host', 'mount umount2 pivot_root move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr'],
  ['EPERM', 'changes the root directory', 'chroot'],
  ['EPERM', 'changes the name of the host', 'sethostname setdomainname'],
  ['EPERM', 'changes the clock of the host', 'clock_settime settimeofday'],
  ['EPERM', 'is for the administrator of the host', 'swapon swapoff reboot acct quotactl quotactl_fd vhangup lookup_dcookie'],
  ['EPERM', 'shows or changes the log of the host', 'syslog'],
  ['EPERM', 'changes the kernel of the host', 'init_module finit_module delete_module kexec_load kexec_file_load'],
  ['EPERM', 'enters another name space', 'setns'],
  ['EPERM', 'opens files without a path', 'open_by_handle_at'],
  ['EPERM', 'watches the file systems of the host', 'fanotify_init fanotify_mark'],
  ['EPERM', 'traces another process', 'ptrace'],
  ['EPERM', 'changes the groups of the host’s user', 'setgroups'],
  ['EOPNOTSUPP', 'needs handles of files, which the host does not tell', 'name_to_handle_at'],
  ['EINVAL', 'restricts system calls, which everystep itself has to see', 'seccomp'],
];

export const refusedRows: readonly SyscallRow[] = REFUSED.flatMap(([errno, why, names]) => names.split(' ').map((name) => refusal(name, errno, why)));
