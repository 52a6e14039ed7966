import { genericSyscalls } from '../genericSyscalls.ts';
import type { LinuxAbi } from '../guest.ts';
import { COUNTER_FREQUENCY } from './cpuModels.ts';

/** Linux on arm64: the system call convention of arch/arm64 and the generic syscall table. */
export const linuxAbi: Omit<LinuxAbi, 'signalFrames'> = {
  machine: 'aarch64',
  syscallNumber: 'x8',
  syscallArguments: ['x0', 'x1', 'x2', 'x3', 'x4', 'x5'],
  syscallResult: 'x0',
  syscalls: genericSyscalls(),
  hwcap: 0x3n,
  hwcap2: 0n,
  cpuInfo: [],
  platform: 'aarch64',
  // movz x8, #139; svc #0
  sigreturnCode: [0xd2801168, 0xd4000001],
  openFlags: { directory: 0o40000, noFollow: 0o100000, direct: 0o200000, largeFile: 0o400000 },
  pointerKeys: [],
  guardProperty: undefined,
  counterFrequency: COUNTER_FREQUENCY,
  mmapBase: 0x55_0000_0000,
};
