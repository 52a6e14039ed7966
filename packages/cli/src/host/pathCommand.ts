import fs from 'node:fs';
import { type ByteString, Errno, LinuxError } from '@everystep/core';
import { asLinux } from './nodeErrors.ts';

/** What shells give as the status of a command that is not there. */
const NO_COMMAND = 127;

const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`;

/**
 * Lets a command of the host's make a name, as Node has no call for it. The path reaches it by way of the shell's printf,
 * as Node makes arguments of text, and so cannot give bytes that are not UTF-8.
 * @param command what goes before the path, in words that mean nothing to a shell
 * @param failure what it means that the command fails
 * @throws LinuxError EEXIST, ENOENT, ENOTDIR, EACCES, EROFS; EPERM where there is no such command; `failure`
 */
function makeByCommand(command: string, path: ByteString, failure: number): void {
  const bytes = Buffer.from(path, 'latin1');
  if (asLinux(() => fs.lstatSync(bytes, { throwIfNoEntry: false })) !== undefined) throw new LinuxError(Errno.EEXIST);
  const folder = bytes.subarray(0, Math.max(1, bytes.lastIndexOf('/')));
  asLinux(() => fs.accessSync(folder, fs.constants.W_OK));
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  // The shell drops newlines at the end of what a command prints: a dot keeps them.
  const script = `path=$(printf '${[...bytes].map(octal).join('')}.') && exec ${command} "\${path%.}"`;
  const { status } = spawnSync('sh', ['-c', script], { stdio: 'ignore', env: { ...process.env, LC_ALL: 'C' } });
  if (status !== 0) throw new LinuxError(status === null || status >= NO_COMMAND ? Errno.EPERM : failure);
}

/** Makes a FIFO. @throws LinuxError EPERM where the host has no such command */
export function makeFifo(path: ByteString, mode: number): void {
  makeByCommand(`mkfifo -m ${mode.toString(8)} --`, path, Errno.EPERM);
}

/** Gives an open file another name, or its first. @throws LinuxError EXDEV; ENOENT where it has lost its last one, or may not get any */
export function nameOpenFile(fd: number, path: ByteString): void {
  const folder = Buffer.from(path.slice(0, Math.max(1, path.lastIndexOf('/'))), 'latin1');
  if (asLinux(() => fs.statSync(folder).dev !== fs.fstatSync(fd).dev)) throw new LinuxError(Errno.EXDEV);
  makeByCommand(`ln -L -- /proc/${process.pid}/fd/${fd}`, path, Errno.ENOENT);
}
