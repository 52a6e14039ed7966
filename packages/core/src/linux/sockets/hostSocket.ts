import { Errno, LinuxError } from '../errno.ts';
import type { OpenFile } from '../files/openFile.ts';
import { TYPE_MASK } from '../files/pathLookup.ts';
import { words } from '../structs.ts';
import { AF, SO, SOL_SOCKET, Sock } from './constants.ts';
import { Socket } from './socket.ts';

const SOCKET = 0o140000;

/** Whether a file is a socket of the host's, which a guest can have as its standard input and output alone: whoever starts everystep may have made them so. */
export const isHostSocket = (file: OpenFile): boolean => !(file instanceof Socket) && (file.stat().mode & TYPE_MASK) === SOCKET;

/** Its name and its peer's, struct sockaddr_un without a path: pairs of sockets have none. */
export const hostSocketName = (): Uint8Array => Uint8Array.of(AF.unix, 0);

/** What getsockopt tells of it. @throws LinuxError ENOPROTOOPT */
export function hostSocketOption(level: number, name: number): Uint8Array {
  if (level === SOL_SOCKET && name === SO.type) return words(Sock.stream);
  if (level === SOL_SOCKET && name === SO.domain) return words(AF.unix);
  if (level === SOL_SOCKET && (name === SO.error || name === SO.protocol || name === SO.accepts)) return words(0);
  throw new LinuxError(Errno.ENOPROTOOPT);
}
