import fs from 'node:fs';
import { type ByteString, Errno, LinuxError } from '@everystep/core';
import { asLinux, errnoOf } from './nodeErrors.ts';

/** Linux's flag for a descriptor that only names a file; Node does not name it. */
const O_PATH = 0o10000000;

/** Sets the permissions of what a path names, and not of what a link leads to that somebody has put there meanwhile. */
function changeMode(path: string, mode: number): void {
  const fd = fs.openSync(path, O_PATH | fs.constants.O_NOFOLLOW);
  try {
    if (fs.fstatSync(fd).isSocket()) fs.chmodSync(`/proc/self/fd/${fd}`, mode);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Makes the name of a socket in the file system: Node has no call for it, but gives a server one. The server is closed at
 * once, which would take the name away if it were not another by then.
 * @throws LinuxError EPERM where the host has no such names
 */
export function makeSocket(path: ByteString, mode: number): void {
  const bytes = Buffer.from(path, 'latin1');
  if (asLinux(() => fs.lstatSync(bytes, { throwIfNoEntry: false })) !== undefined) throw new LinuxError(Errno.EEXIST);
  const folder = bytes.subarray(0, Math.max(1, bytes.lastIndexOf('/')));
  asLinux(() => fs.accessSync(folder, fs.constants.W_OK));
  if (process.platform !== 'linux') throw new LinuxError(Errno.EPERM);
  const directory = asLinux(() => fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY));
  try {
    // The descriptor's own path is short, as names of sockets have to be.
    const temporary = `/proc/self/fd/${directory}/.socket-${process.pid}-${process.hrtime.bigint() % 1_000_000_000n}`;
    const server = process.getBuiltinModule('node:net').createServer();
    server.on('error', () => undefined);
    server.listen(temporary);
    if (!fs.existsSync(temporary)) throw new LinuxError(Errno.EPERM);
    changeMode(temporary, mode);
    fs.renameSync(temporary, bytes);
    server.close();
  } catch (error) {
    if (error instanceof LinuxError) throw error;
    throw new LinuxError(errnoOf(error) ?? Errno.EPERM);
  } finally {
    fs.closeSync(directory);
  }
}
