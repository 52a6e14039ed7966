import type { Host, HostHandle } from '@everystep/core';

/** Type of a file in st_mode, a regular one, and a socket. */
const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;
const SOCKET = 0o140000;

/** Who wants to know that the host may wait. */
export interface WaitListener {
  before(): void;
  after(): void;
}

/**
 * A host that tells when it may wait in a read: for a file of which nobody can tell whether there is something to read. Otherwise
 * threads of guests wait.
 */
export function tellWaits(host: Host, listener: WaitListener): Host {
  const told = Object.create(host) as Host;
  /** Handles of which it can always be told. */
  const certain = new Set<HostHandle>();
  const mayWait = (handle: HostHandle): boolean => {
    if (certain.has(handle)) return false;
    const type = host.stat(handle).mode & TYPE_MASK;
    if (type !== REGULAR && host.readable(handle, 0n) === undefined) return true;
    // A socket can be left to others later on.
    if (type !== SOCKET) certain.add(handle);
    return false;
  };
  told.read = (handle, into) => {
    if (!mayWait(handle)) return host.read(handle, into);
    listener.before();
    try {
      return host.read(handle, into);
    } finally {
      listener.after();
    }
  };
  told.close = (handle) => {
    certain.delete(handle);
    host.close(handle);
  };
  return told;
}
