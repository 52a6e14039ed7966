import type { Host, HostHandle } from '@everystep/core';

/** The run's standard output and error. */
const STREAMS: ReadonlySet<HostHandle> = new Set([1, 2]);

/** A host that tells of what is written to the run's standard output and error. @param wrote stream and bytes */
export function tellOutput(host: Host, wrote: (stream: number, bytes: number) => void): Host {
  const told = Object.create(host) as Host;
  told.write = (handle, data) => {
    const bytes = host.write(handle, data);
    if (STREAMS.has(handle) && bytes > 0) wrote(handle, bytes);
    return bytes;
  };
  return told;
}
