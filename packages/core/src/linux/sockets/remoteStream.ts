import type { HostHandle, NetworkAddress, NetworkEvent } from '../host.ts';
import type { NetworkHub, RemoteEnd } from './networkHub.ts';
import type { Piece } from './receiveQueue.ts';
import type { OtherEnd } from './streamSocket.ts';

/** Bytes that may be on their way to the host, or from it. */
export const WINDOW = 262_144;
/** Bytes that are read before the host is told. */
const TOLD_AT_ONCE = 65_536;

/** What a connection tells the guest's socket. */
export interface RemoteUser extends OtherEnd {
  error: number;
  /** The attempt to connect has ended. @param errno 0: well */
  opened?(errno: number, local: NetworkAddress | undefined): void;
}

/** The end of a connection that is outside the virtual kernel. */
export class RemoteStream implements OtherEnd, RemoteEnd {
  isOpening = false;
  private readonly id: number;
  private credit = WINDOW;
  private untold = 0;

  /** @param id of a connection that the host has accepted */
  constructor(
    private readonly hub: NetworkHub,
    private readonly user: RemoteUser,
    id?: number,
  ) {
    this.id = id ?? hub.add(this);
    if (id !== undefined) hub.adopt(id, this);
  }

  get handles(): readonly HostHandle[] {
    return [this.hub.handle];
  }

  look(): void {
    this.hub.look();
  }

  connect(to: NetworkAddress): void {
    this.isOpening = true;
    this.hub.post({ kind: 'connect', id: this.id, to });
  }

  happened(event: NetworkEvent): void {
    const { user } = this;
    switch (event.kind) {
      case 'opened':
        this.isOpening = false;
        user.opened?.(0, event.local);
        break;
      case 'failed':
        this.isOpening = false;
        user.error = event.errno;
        user.opened?.(event.errno, undefined);
        break;
      case 'data':
        user.deliver({ bytes: event.data });
        break;
      case 'sent':
        this.credit += event.count;
        user.taken(event.count);
        break;
      case 'ended':
        user.otherEnded();
        break;
      case 'closed':
        this.hub.remove(this.id);
        user.otherClosed(false);
        user.error = event.errno;
        break;
      case 'accepted':
        break;
    }
  }

  roomFor(): number {
    this.look();
    return this.credit;
  }

  deliver({ bytes }: Piece): void {
    this.credit -= bytes.length;
    this.hub.post({ kind: 'send', id: this.id, data: bytes });
  }

  otherEnded(): void {
    this.hub.post({ kind: 'end', id: this.id });
  }

  otherReadsNoMore(): void {}

  taken(count: number): void {
    this.untold += count;
    if (this.untold < TOLD_AT_ONCE) return;
    this.hub.post({ kind: 'taken', id: this.id, count: this.untold });
    this.untold = 0;
  }

  otherClosed(reset: boolean): void {
    this.hub.remove(this.id);
    this.hub.post({ kind: 'close', id: this.id, reset });
  }
}
