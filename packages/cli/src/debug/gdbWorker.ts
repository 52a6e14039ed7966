// The socket on which a debugger comes: what it sends arrives while the guest runs in the main thread.
import net from 'node:net';
import { type MessagePort, workerData } from 'node:worker_threads';
import { Connection } from '@everystep/core';
import type { DebugAddress } from '../options/debugAddress.ts';
import { type GdbEvent, type GdbRequest, Shared } from './gdbMessages.ts';

const { port, shared, at } = workerData as { readonly port: MessagePort; readonly shared: Int32Array; readonly at: DebugAddress };

const tell = (event: GdbEvent): void => port.postMessage(event);

/** A request is done. */
function done(): void {
  Atomics.sub(shared, Shared.pending, 1);
  Atomics.notify(shared, Shared.pending);
}

function serve(socket: net.Socket): void {
  socket.setNoDelay(true);
  let sent: (() => void) | undefined;
  let packets = 0;
  const connection = new Connection({
    write: (bytes) => {
      const told = sent;
      sent = undefined;
      // Who has gone gets nothing; that it has gone is told elsewhere.
      socket.write(bytes, () => told?.());
    },
    packet: (payload) => {
      packets++;
      tell({ kind: 'packet', payload });
    },
    interrupt: () => Atomics.store(shared, Shared.interrupt, packets + 1),
  });
  socket.on('data', (data) => connection.received(data));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    Atomics.store(shared, Shared.gone, 1);
    tell({ kind: 'closed' });
  });
  port.on('message', (request: GdbRequest) => {
    if (request.kind === 'close') socket.end(done);
    else {
      sent = done;
      connection.send(request.payload);
    }
  });
  tell({ kind: 'connected' });
}

const server = net.createServer((socket) => {
  // One debugger, once.
  server.close();
  serve(socket);
});
server.on('error', (error: NodeJS.ErrnoException) => tell({ kind: 'failed', code: error.code ?? error.message }));
server.on('listening', () => {
  const address = server.address();
  tell({ kind: 'listening', port: address !== null && typeof address === 'object' ? address.port : undefined });
});
server.listen(at);
