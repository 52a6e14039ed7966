import type { Host, HostHandle, HostNetwork, NetworkEvent, NetworkRequest } from '../host.ts';

/** Longest single wait for the host's answer, in nanoseconds. */
const LOOK = 50_000_000n;

/** What a socket of the host's is for the guest. */
export interface RemoteEnd {
  happened(event: NetworkEvent): void;
}

/** Brings guests' sockets together with those that the host has for them. */
export class NetworkHub {
  private readonly ends = new Map<number, RemoteEnd>();
  private lastId = 0;

  constructor(
    private readonly host: Host,
    private readonly network: HostNetwork,
  ) {}

  /** Readable while something has happened that `look` has not seen. */
  get handle(): HostHandle {
    return this.network.handle;
  }

  /** Whether sockets of the host's file system can be reached. */
  get reachesPaths(): boolean {
    return this.network.reachesPaths;
  }

  /** A number for a new end. */
  add(end: RemoteEnd): number {
    this.ends.set(++this.lastId, end);
    return this.lastId;
  }

  /** An end whose number the host chose. */
  adopt(id: number, end: RemoteEnd): void {
    this.ends.set(id, end);
  }

  remove(id: number): void {
    this.ends.delete(id);
  }

  post(request: NetworkRequest): void {
    this.network.post(request);
  }

  /** Takes in what has happened. */
  look(): void {
    for (let event = this.network.take(); event !== undefined; event = this.network.take()) {
      const end = this.ends.get(event.id);
      if (end !== undefined) end.happened(event);
      else if (event.kind === 'accepted') this.post({ kind: 'close', id: event.connection, reset: true });
    }
  }

  /** Waits for the host, which answers at once: for what the guest is told without waiting. */
  until(done: () => boolean): void {
    for (this.look(); !done(); this.look()) this.host.readable(this.handle, LOOK);
  }
}
