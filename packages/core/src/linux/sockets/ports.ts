import { Errno, LinuxError } from '../errno.ts';
import { type InetAddress, isAny } from './address.ts';
import type { SocketOptions } from './socketOptions.ts';

/** Ports that sockets get which do not ask for one (net.ipv4.ip_local_port_range). */
const FIRST_FREE = 32_768;
const LAST_FREE = 60_999;

/** Ports that are for the administrator. */
export const FIRST_UNPRIVILEGED = 1024;

/** Who has a port. */
export interface PortUser {
  readonly local: InetAddress;
  readonly options: SocketOptions;
  readonly isListening: boolean;
}

/** Whether both would be meant by some address. */
function overlap(a: PortUser, b: PortUser): boolean {
  if (a.local.family === b.local.family) return a.local.host === b.local.host || isAny(a.local.host) || isAny(b.local.host);
  const six = a.local.family === 6 ? a : b;
  return isAny(six.local.host) && !six.options.onlyIpv6;
}

/** The ports of one protocol. */
export class Ports<User extends PortUser> {
  private readonly users = new Map<number, Set<User>>();
  private next = FIRST_FREE;

  /** Gives `user` the port of its local address. @throws LinuxError EADDRINUSE */
  claim(user: User): void {
    const { port } = user.local;
    for (const other of this.users.get(port) ?? []) if (this.conflict(user, other)) throw new LinuxError(Errno.EADDRINUSE);
    const users = this.users.get(port) ?? new Set<User>();
    this.users.set(port, users.add(user));
  }

  private conflict(user: User, other: User): boolean {
    if (user === other || !overlap(user, other)) return false;
    const { options } = user;
    if (options.reusePort && other.options.reusePort) return false;
    return !(options.reuseAddress && other.options.reuseAddress && !other.isListening);
  }

  /** Whether another one already listens where `user` wants to. */
  isListenedTo(user: User): boolean {
    const others = [...(this.users.get(user.local.port) ?? [])];
    return others.some((other) => other !== user && other.isListening && overlap(user, other) && !(user.options.reusePort && other.options.reusePort));
  }

  /** A port that nobody has. @throws LinuxError EADDRINUSE */
  unused(): number {
    for (let tried = FIRST_FREE; tried <= LAST_FREE; tried++) {
      const port = this.next;
      this.next = port === LAST_FREE ? FIRST_FREE : port + 1;
      if ((this.users.get(port)?.size ?? 0) === 0) return port;
    }
    throw new LinuxError(Errno.EADDRINUSE);
  }

  release(user: User): void {
    const users = this.users.get(user.local.port);
    users?.delete(user);
    if (users?.size === 0) this.users.delete(user.local.port);
  }

  /** Those whom an address means, those first that it means most exactly, and of those the newest. */
  at({ family, host, port }: InetAddress): User[] {
    const found = [...(this.users.get(port) ?? [])].reverse().filter(({ local, options }) => {
      if (local.family === family) return local.host === host || isAny(local.host);
      return local.family === 6 && isAny(local.host) && !options.onlyIpv6;
    });
    return found.sort((a, b) => Number(isAny(a.local.host)) - Number(isAny(b.local.host)));
  }
}
