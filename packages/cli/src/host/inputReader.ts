import fs from 'node:fs';
import net from 'node:net';
import type { InputEvent } from './socketInput.ts';

/** Reads standard streams that are sockets, in the worker of the network. */
export class InputReader {
  private readonly sockets = new Map<number, net.Socket>();

  constructor(private readonly tell: (event: InputEvent) => void) {}

  /** Reads until something has come, and tells what. */
  look(fd: number): void {
    const { tell } = this;
    let socket = this.sockets.get(fd);
    try {
      socket ??= this.open(fd);
    } catch {
      tell({ kind: 'refused', fd });
      return;
    }
    socket.resume();
    // Reading begins with the event loop's next round, and what is there is read in that.
    setImmediate(() => setImmediate(() => setImmediate(() => tell({ kind: 'looked', fd }))));
  }

  private open(fd: number): net.Socket {
    const { tell } = this;
    // It stays open at its end: its number is not to become another file's.
    const socket = new net.Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
    this.sockets.set(fd, socket);
    socket.on('data', (data) => {
      socket.pause();
      tell({ kind: 'input', fd, data: new Uint8Array(data) });
    });
    socket.on('end', () => tell({ kind: 'input', fd, data: new Uint8Array(0) }));
    socket.on('error', () => {});
    socket.on('close', () => {
      // The connection was reset, and Node has closed it: something must take its number.
      fs.openSync('/dev/null', 'r+');
      tell({ kind: 'input', fd, data: new Uint8Array(0) });
    });
    return socket;
  }
}
