import { type ByteString, byteString, bytesOf } from '../../linux/index.ts';
import { PacketReader, packetOf, type Received } from './framing.ts';

/** What a connection has to do with. */
export interface ConnectionUser {
  /** Sends bytes to the debugger. */
  write(bytes: Uint8Array): void;
  /** A whole packet's payload has come. */
  packet(payload: Uint8Array): void;
  /** The debugger wants the target to stop. */
  interrupt(): void;
}

const ACKNOWLEDGED = bytesOf('+' as ByteString);
const REFUSED = bytesOf('-' as ByteString);

/** One side of a connection: packets with their acknowledgements, until the debugger wants none (QStartNoAckMode). */
export class Connection {
  private readonly reader = new PacketReader();
  private acknowledges = true;
  private last: Uint8Array | undefined;

  constructor(private readonly user: ConnectionUser) {}

  /** Bytes have come from the debugger. */
  received(data: Uint8Array): void {
    this.reader.read(data, (each) => this.take(each));
  }

  send(payload: Uint8Array): void {
    this.last = packetOf(payload);
    this.user.write(this.last);
  }

  private take(received: Received): void {
    if (received.kind === 'interrupt') this.user.interrupt();
    else if (received.kind === 'refused') {
      // gdb refuses what has not come in time, also where it wants no acknowledgements: a reply that takes long is still to come then.
      if (this.last !== undefined && this.acknowledges) this.user.write(this.last);
    } else if (received.kind === 'packet') this.takePacket(received);
  }

  private takePacket({ payload, isIntact }: Extract<Received, { kind: 'packet' }>): void {
    if (this.acknowledges) this.user.write(isIntact ? ACKNOWLEDGED : REFUSED);
    if (!isIntact && this.acknowledges) return;
    if (byteString(payload) !== 'QStartNoAckMode') return this.user.packet(payload);
    this.send(bytesOf('OK' as ByteString));
    this.acknowledges = false;
  }
}
