import type { LinuxAbi } from '../guest.ts';

/** Linux on arm64: the system call convention of arch/arm64 and the generic syscall table. */
export const linuxAbi: LinuxAbi = {
  machine: 'aarch64',
  syscallNumber: 'x8',
  syscallArguments: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5'],
  syscallResult: 'x0',
  syscalls: new Map([[64, 'write'], [93, 'exit'], [94, 'exit_group']]),
  hwcap: 0x3n,
  hwcap2: 0n,
  platform: 'aarch64',
};
