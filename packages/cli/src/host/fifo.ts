import fs from 'node:fs';
import { type ByteString, Errno, LinuxError } from '@everystep/core';
import { asLinux } from './nodeErrors.ts';

const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`;

/**
 * Makes a FIFO by the command mkfifo: Node itself has no call for it. The path reaches it by way of the shell's printf, as
 * Node makes arguments of text, and so cannot give bytes that are not UTF-8.
 * @throws LinuxError EPERM where there is no such command
 */
export function makeFifo(path: ByteString, mode: number): void {
  const bytes = Buffer.from(path, 'latin1');
  if (asLinux(() => fs.lstatSync(bytes, { throwIfNoEntry: false })) !== undefined) throw new LinuxError(Errno.EEXIST);
  const folder = bytes.subarray(0, Math.max(1, bytes.lastIndexOf('/')));
  asLinux(() => fs.accessSync(folder, fs.constants.W_OK));
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  // The shell drops newlines at the end of what a command prints: a dot keeps them.
  const script = `path=$(printf '${[...bytes].map(octal).join('')}.') && exec mkfifo -m ${mode.toString(8)} -- "\${path%.}"`;
  const { status } = spawnSync('sh', ['-c', script], { stdio: 'ignore', env: { ...process.env, LC_ALL: 'C' } });
  if (status !== 0) throw new LinuxError(Errno.EPERM);
}
