/** Least that buffers can be set to, and most that users may ask for (net.core.wmem_max and rmem_max). */
const LEAST_SEND = 4608;
const LEAST_RECEIVE = 2304;
const MOST_BUFFER = 212_992;

/** What setsockopt has set, and what a socket begins with. */
export class SocketOptions {
  /** Options that are only remembered, by level and number. */
  readonly values = new Map<string, number>();
  reuseAddress = false;
  reusePort = false;
  passCredentials = false;
  /** SO_LINGER: on, and seconds. */
  linger: readonly [on: number, seconds: number] = [0, 0];
  /** In nanoseconds; 0: for ever. */
  receiveTimeout = 0n;
  sendTimeout = 0n;
  onlyIpv6 = false;

  constructor(
    public sendBuffer: number,
    public receiveBuffer: number,
  ) {}

  /** Twice what was asked for: half of it is for the kernel's own use. */
  setSendBuffer(size: number): void {
    this.sendBuffer = Math.max(LEAST_SEND, 2 * Math.min(size >>> 0, MOST_BUFFER));
  }

  setReceiveBuffer(size: number): void {
    this.receiveBuffer = Math.max(LEAST_RECEIVE, 2 * Math.min(size >>> 0, MOST_BUFFER));
  }

  /** What an accepted socket begins with. */
  inherit(from: SocketOptions): void {
    for (const [name, value] of from.values) this.values.set(name, value);
    const { reuseAddress, reusePort, passCredentials, linger, receiveTimeout, sendTimeout, onlyIpv6, sendBuffer, receiveBuffer } = from;
    Object.assign(this, { reuseAddress, reusePort, passCredentials, linger, receiveTimeout, sendTimeout, onlyIpv6, sendBuffer, receiveBuffer });
  }
}
