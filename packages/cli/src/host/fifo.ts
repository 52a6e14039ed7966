import fs from 'node:fs';
import { type ByteString, Errno, LinuxError } from '@everystep/core';
import { asLinux } from './nodeErrors.ts';

/** Makes a FIFO by the command mkfifo: Node itself has no call for it. @throws LinuxError EPERM where there is no such command */
export function makeFifo(path: ByteString, mode: number): void {
  const bytes = Buffer.from(path, 'latin1');
  if (asLinux(() => fs.lstatSync(bytes, { throwIfNoEntry: false })) !== undefined) throw new LinuxError(Errno.EEXIST);
  const folder = bytes.subarray(0, Math.max(1, bytes.lastIndexOf('/')));
  asLinux(() => fs.accessSync(folder, fs.constants.W_OK));
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { status } = spawnSync('mkfifo', ['-m', mode.toString(8), '--', bytes.toString()], { stdio: 'ignore' });
  if (status !== 0) throw new LinuxError(Errno.EPERM);
}
