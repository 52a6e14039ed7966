import type { Host, HostHandle } from '@everystep/core';

/** Type of a file in st_mode, and a regular one. */
const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;

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
  /** Of handles that have been read: whether their files are regular. */
  const regular = new Map<HostHandle, boolean>();
  const mayWait = (handle: HostHandle): boolean => {
    const isRegular = regular.get(handle) ?? (host.stat(handle).mode & TYPE_MASK) === REGULAR;
    regular.set(handle, isRegular);
    return !isRegular && host.readable(handle, 0n) === undefined;
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
    regular.delete(handle);
    host.close(handle);
  };
  return told;
}
