// The host's network, for guests: does what the main thread asks for with Node's sockets, and tells what happens. The main
// thread waits for a count in shared memory to change.
import dgram from 'node:dgram';
import net from 'node:net';
import { type MessagePort, workerData } from 'node:worker_threads';
import { Errno, type NetworkAddress, type NetworkEvent, type NetworkRequest } from '@everystep/core';
import { InputReader } from './inputReader.ts';
import { errnoOf } from './nodeErrors.ts';
import type { InputEvent, InputRequest } from './socketInput.ts';

/** Bytes of a connection that may be on their way to the guest. */
const WINDOW = 262_144;

const { port, counts } = workerData as { readonly port: MessagePort; readonly counts: Int32Array };

function tell(event: NetworkEvent | InputEvent): void {
  port.postMessage(event);
  Atomics.add(counts, 0, 1);
  Atomics.notify(counts, 0);
}

/** A request to send or close something is done. */
function done(): void {
  Atomics.sub(counts, 1, 1);
  Atomics.notify(counts, 1);
}

/** An error as Linux numbers it; what Node calls otherwise is a refusal. */
const numberOf = (error: unknown): number => errnoOf(error) ?? Errno.ECONNREFUSED;

const place = (host: string | undefined, number: number | undefined): NetworkAddress => ({ host: host ?? '0.0.0.0', port: number ?? 0 });

/** Something that a guest has open. */
interface Open {
  handle(request: NetworkRequest): void;
}

class Connection implements Open {
  /** Bytes told that the guest has not read yet. */
  private unread = 0;
  private errno = 0;

  constructor(
    private readonly id: number,
    private readonly socket: net.Socket,
  ) {
    socket.on('data', (data) => this.received(data));
    socket.on('end', () => tell({ kind: 'ended', id }));
    socket.on('error', (error) => {
      this.errno = numberOf(error);
    });
    socket.on('close', () => {
      opens.delete(id);
      tell(socket.connecting || !this.isOpen ? { kind: 'failed', id, errno: this.errno } : { kind: 'closed', id, errno: this.errno });
    });
  }

  isOpen = false;

  private received(data: Buffer): void {
    this.unread += data.length;
    if (this.unread >= WINDOW) this.socket.pause();
    tell({ kind: 'data', id: this.id, data: new Uint8Array(data) });
  }

  /** Sends nothing more, once what was sent before has left. */
  private end(): void {
    if (this.socket.writableEnded || this.socket.destroyed) done();
    else this.socket.end(() => done());
  }

  handle(request: NetworkRequest): void {
    const { socket, id } = this;
    switch (request.kind) {
      case 'send':
        socket.write(request.data, () => {
          tell({ kind: 'sent', id, count: request.data.length });
          done();
        });
        break;
      case 'taken':
        this.unread -= request.count;
        if (this.unread < WINDOW) socket.resume();
        break;
      case 'end':
        this.end();
        break;
      case 'close':
        socket.removeAllListeners('data');
        socket.resume();
        if (!this.isOpen || request.reset) {
          if (this.isOpen) socket.resetAndDestroy();
          else socket.destroy();
          done();
        } else this.end();
        break;
      default:
    }
  }
}

/** Accepted connections have numbers below 0. */
const opens = new Map<number, Open>();
const ids = { next: -1 };

function connect(id: number, to: NetworkAddress): void {
  const socket = net.connect({ ...to, allowHalfOpen: true });
  socket.setNoDelay(true);
  const connection = new Connection(id, socket);
  opens.set(id, connection);
  socket.on('connect', () => {
    connection.isOpen = true;
    tell({ kind: 'opened', id, local: place(socket.localAddress, socket.localPort) });
  });
}

function listen({ id, at, backlog, onlyIpv6 }: Extract<NetworkRequest, { kind: 'listen' }>): void {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.on('connection', (socket) => {
    socket.setNoDelay(true);
    const connection = ids.next--;
    const open = new Connection(connection, socket);
    open.isOpen = true;
    opens.set(connection, open);
    const local = place(socket.localAddress, socket.localPort);
    tell({ kind: 'accepted', id, connection, local, peer: place(socket.remoteAddress, socket.remotePort) });
    socket.resume();
  });
  server.on('error', (error) => tell({ kind: 'failed', id, errno: numberOf(error) }));
  server.on('listening', () => tell({ kind: 'opened', id, local: at }));
  opens.set(id, {
    handle(request) {
      if (request.kind !== 'close') return;
      server.close();
      done();
    },
  });
  server.listen({ ...at, backlog: Math.max(1, backlog), ipv6Only: onlyIpv6 });
}

function open({ id, at, family, reuse, onlyIpv6 }: Extract<NetworkRequest, { kind: 'open' }>): void {
  const socket = dgram.createSocket({ type: family === 4 ? 'udp4' : 'udp6', reuseAddr: reuse, ipv6Only: onlyIpv6 });
  let isBound = false;
  socket.on('error', (error) => tell({ kind: isBound ? 'closed' : 'failed', id, errno: numberOf(error) }));
  socket.on('message', (data, { address, port: from }) => tell({ kind: 'data', id, data: new Uint8Array(data), from: place(address, from) }));
  socket.on('listening', () => {
    isBound = true;
    const { address, port: bound } = socket.address();
    tell({ kind: 'opened', id, local: place(address, bound) });
  });
  opens.set(id, {
    handle(request) {
      if (request.kind === 'close') socket.close(done);
      // A datagram that does not get away is lost.
      else if (request.kind === 'send' && request.to !== undefined && 'host' in request.to) sendDatagram(socket, family, request.data, request.to);
      else if (request.kind === 'send') done();
    },
  });
  socket.bind('host' in at ? { address: at.host, port: at.port } : {});
}

/** Sends a datagram; sockets of IPv6 have another name for IPv4's addresses. */
function sendDatagram(socket: dgram.Socket, family: 4 | 6, data: Uint8Array, { host, port: to }: { readonly host: string; readonly port: number }): void {
  socket.send(data, to, family === 6 && !host.includes(':') ? `::ffff:${host}` : host, done);
}

const input = new InputReader(tell);

port.on('message', (request: NetworkRequest | InputRequest) => {
  switch (request.kind) {
    case 'look':
      input.look(request.fd);
      break;
    case 'connect':
      connect(request.id, request.to);
      break;
    case 'listen':
      listen(request);
      break;
    case 'open':
      open(request);
      break;
    case 'taken':
      opens.get(request.id)?.handle(request);
      break;
    default: {
      const target = opens.get(request.id);
      if (target === undefined) done();
      else target.handle(request);
      if (request.kind === 'close') opens.delete(request.id);
    }
  }
});
