import type { Host } from '../host.ts';
import type { InetDatagram } from './inetDatagram.ts';
import type { InetStream } from './inetStream.ts';
import { NetworkHub } from './networkHub.ts';
import { Ports } from './ports.ts';
import { UnixNames } from './unixName.ts';

/** What sockets of one virtual kernel have in common: names, ports, and the way to the host's network. */
export class SocketSpace {
  readonly unix = new UnixNames();
  readonly tcp = new Ports<InetStream>();
  readonly udp = new Ports<InetDatagram>();
  private hub: NetworkHub | undefined;

  constructor(private readonly host: Host) {}

  /** The host's network, if guests may use it; made when it is first asked for. */
  get network(): NetworkHub | undefined {
    if (this.hub === undefined && this.host.network !== undefined) this.hub = new NetworkHub(this.host, this.host.network);
    return this.hub;
  }
}
