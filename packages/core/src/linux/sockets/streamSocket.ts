import { Errno, LinuxError } from '../errno.ts';
import type { Readiness } from '../files/openFile.ts';
import { Change } from '../files/readiness.ts';
import type { HostHandle } from '../host.ts';
import { Shut, Sock } from './constants.ts';
import { type Credentials, NOTHING, type Piece, type Received, ReceiveQueue } from './receiveQueue.ts';
import { type Outgoing, Socket } from './socket.ts';

/** Most connections that wait to be accepted (net.core.somaxconn). */
const LONGEST_BACKLOG = 4096;

/** The other end of a connection: a socket of a guest's, or something behind the host's network. */
export interface OtherEnd {
  /** Bytes that it can be sent without waiting. @param sendBuffer the sender's */
  roomFor(sendBuffer: number): number;
  /** Takes a piece in. */
  deliver(piece: Piece): void;
  /** This end sends no more. */
  otherEnded(): void;
  /** This end reads no more. */
  otherReadsNoMore(): void;
  /** So many bytes have been read here. */
  taken(count: number): void;
  /** This end is closed. @param reset with data unread, or as SO_LINGER wants it */
  otherClosed(reset: boolean): void;
}

/**
 * A socket with connections: a stream of bytes, or of packets.
 *
 * `idle`: neither of the others. `connecting`: until the listener, or the host, has room for it.
 */
export abstract class StreamSocket extends Socket implements OtherEnd {
  protected state: 'idle' | 'listening' | 'connecting' | 'connected' = 'idle';
  protected readonly inbox = new ReceiveQueue();
  protected other: OtherEnd | undefined;
  /** The other end sends no more, or this one does not read. */
  protected ended = false;
  /** This end sends no more, or the other one does not read. */
  protected writeShut = false;
  /** The other end is closed. */
  protected isAlone = false;
  /** Connections to be accepted. */
  protected readonly accepted: StreamSocket[] = [];
  protected backlog = 0;
  protected peer: Credentials | undefined;

  get keepsRecords(): boolean {
    return this.kind.type === Sock.packets;
  }

  get isListening(): boolean {
    return this.state === 'listening';
  }

  get pendingBytes(): number {
    return this.keepsRecords ? this.inbox.firstLength : this.inbox.length;
  }

  override get peerCredentials(): Credentials {
    return this.peer ?? super.peerCredentials;
  }

  override get pollHandles(): readonly HostHandle[] {
    return [];
  }

  // What the other end does

  roomFor(sendBuffer: number): number {
    return sendBuffer - this.inbox.length;
  }

  deliver(piece: Piece): void {
    this.inbox.push(piece);
    this.changes.signal(Change.data);
  }

  otherEnded(): void {
    this.ended = true;
    this.changes.signal(Change.any);
  }

  otherReadsNoMore(): void {}

  taken(_count: number): void {
    this.changes.signal(Change.room);
  }

  otherClosed(reset: boolean): void {
    this.ended = true;
    this.isAlone = true;
    if (reset) this.error = Errno.ECONNRESET;
    this.changes.signal(Change.any);
  }

  /** Both ends know each other. */
  protected meet(other: OtherEnd): void {
    this.other = other;
    this.state = 'connected';
  }

  // Listening

  protected startListening(backlog: number): void {
    if (this.state !== 'idle' && this.state !== 'listening') throw new LinuxError(Errno.EINVAL);
    this.state = 'listening';
    this.backlog = Math.min(backlog >>> 0, LONGEST_BACKLOG);
    this.peer = this.caller;
  }

  /** Whether a connection more would have to wait. */
  get isFull(): boolean {
    return this.accepted.length > this.backlog;
  }

  /** A connection has been made to this listener. */
  arrive(socket: StreamSocket): void {
    this.accepted.push(socket);
    this.changes.signal(Change.data);
  }

  override accept(nonBlocking: boolean): Socket {
    if (this.state !== 'listening') throw new LinuxError(Errno.EINVAL);
    const socket = this.accepted.shift();
    if (socket === undefined) this.wait(nonBlocking, this.options.receiveTimeout);
    this.admit();
    return socket;
  }

  /** There is room for another connection. */
  protected admit(): void {
    this.changes.signal(Change.room);
  }

  // Data

  /** @throws LinuxError if nothing can be sent */
  protected abstract checkSend(message: Outgoing): void;

  send(message: Outgoing, nonBlocking: boolean): number {
    const { data } = message;
    this.throwError();
    this.checkSend(message);
    const { other, options } = this;
    if (this.writeShut || other === undefined) throw new LinuxError(Errno.EPIPE);
    if (this.isAlone) return this.sendToNobody(data.length);
    if (this.keepsRecords && data.length > options.sendBuffer) throw new LinuxError(Errno.EMSGSIZE);
    if (data.length === 0 && !this.keepsRecords) return 0;
    const room = other.roomFor(options.sendBuffer);
    if (room < (this.keepsRecords ? data.length : 1)) this.wait(nonBlocking, options.sendTimeout);
    const count = Math.min(room, data.length);
    other.deliver({ bytes: data.slice(0, count), from: undefined, rights: message.rights, credentials: message.credentials });
    return count;
  }

  /** What becomes of data for an end that is closed. */
  protected sendToNobody(_count: number): number {
    throw new LinuxError(Errno.EPIPE);
  }

  /** @throws LinuxError of a socket without a connection */
  protected abstract checkReceive(): void;

  receive(into: Uint8Array, peek: boolean, nonBlocking: boolean): Received {
    const { inbox } = this;
    if (inbox.count === 0) {
      this.throwError();
      if (this.ended) return NOTHING;
      this.checkReceive();
      if (into.length === 0 && !this.keepsRecords) return NOTHING;
      this.wait(nonBlocking, this.options.receiveTimeout);
    }
    const received = this.keepsRecords ? inbox.takeRecord(into, peek) : inbox.takeBytes(into, peek);
    if (!peek) this.other?.taken(received.length);
    return received;
  }

  shutdown(how: number): void {
    if (how !== Shut.write) {
      this.ended = true;
      this.other?.otherReadsNoMore();
    }
    if (how !== Shut.read && !this.writeShut) {
      this.writeShut = true;
      if (!this.isAlone) this.other?.otherEnded();
    }
    this.changes.signal(Change.any);
  }

  protected get hasRoom(): boolean {
    const { sendBuffer } = this.options;
    // As much again as is there must be free.
    return this.other === undefined || this.isAlone || this.other.roomFor(sendBuffer) * 3 > sendBuffer;
  }

  /** Whether both directions are over, or there has never been one. */
  protected abstract get isOver(): boolean;

  readiness(): Readiness {
    if (this.state === 'listening') return { readable: this.accepted.length > 0, writable: false, hangUp: false };
    if (this.state === 'connecting') return { readable: false, writable: false, hangUp: false };
    return {
      readable: this.inbox.count > 0 || this.ended,
      writable: this.writeShut || this.hasRoom,
      hangUp: this.isOver,
      error: this.error !== 0,
      endOfData: this.ended,
    };
  }

  /** Ends the connection at once. */
  reset(): void {
    this.options.linger = [1, 0];
    this.close();
  }

  override close(): void {
    for (const socket of this.accepted.splice(0)) socket.reset();
    const lingers = this.options.linger[0] === 0 || this.options.linger[1] !== 0;
    const unread = this.inbox.count > 0;
    this.inbox.clear();
    if (!this.isAlone) this.other?.otherClosed(unread || !lingers);
    this.other = undefined;
    this.state = 'idle';
  }
}
