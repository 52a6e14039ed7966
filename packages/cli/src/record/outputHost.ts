import type { Host, HostHandle } from '@everystep/core';

/** The run's standard output and error. */
const STREAMS: readonly HostHandle[] = [1, 2];

/**
 * A host that tells of what is written to the run's standard output and error, by whatever name they were opened.
 * @param wrote stream, 1 or 2, and what has been written
 */
export function tellOutput(host: Host, wrote: (stream: number, data: Uint8Array) => void): Host {
  const told = Object.create(host) as Host;
  const streams = new Map<HostHandle, number>(STREAMS.map((stream) => [stream, stream]));
  told.open = (path, how) => {
    const handle = host.open(path, how);
    const stream = STREAMS.find((each) => host.handlePath(each) === path);
    if (stream !== undefined) streams.set(handle, stream);
    return handle;
  };
  told.close = (handle) => {
    streams.delete(handle);
    host.close(handle);
  };
  told.write = (handle, data) => {
    const bytes = host.write(handle, data);
    const stream = streams.get(handle);
    if (stream !== undefined && bytes > 0) wrote(stream, data.subarray(0, bytes));
    return bytes;
  };
  return told;
}
