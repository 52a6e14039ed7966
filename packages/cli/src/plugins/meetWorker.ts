// Opens a plugin's connection at a Unix socket, which Node does only in an event loop, and tells its descriptor, with which the
// main thread reads and writes and waits.
import { existsSync } from 'node:fs';
import net from 'node:net';
import { workerData } from 'node:worker_threads';
import { Meeting, type MeetTask } from './meetTask.ts';

const { path, result } = workerData as MeetTask;

function tell(state: number, descriptor = -1, isFirst = false): void {
  result[1] = descriptor;
  result[2] = isFirst ? 1 : 0;
  Atomics.store(result, 0, state);
  Atomics.notify(result, 0);
}

/** Node's socket is kept, and reads nothing itself. */
function met(socket: net.Socket, isFirst: boolean): void {
  const { _handle: handle } = socket as unknown as { readonly _handle: { readonly fd: number } };
  tell(Meeting.met, handle.fd, isFirst);
}

// The connection lasts as long as the worker.
setInterval(() => undefined, 0x7fff_ffff);
if (existsSync(path)) {
  const socket = net.connect({ path });
  socket.pause();
  socket.once('connect', () => met(socket, false));
  socket.once('error', () => tell(Meeting.failed));
} else {
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    server.close();
    met(socket, true);
  });
  server.once('error', () => tell(Meeting.failed));
  server.listen(path);
}
