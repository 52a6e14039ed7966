// Opens a plugin's connection at a Unix socket, which Node does only in an event loop, and tells its descriptor, with which the
// main thread reads and writes and waits.
import net from 'node:net';
import { workerData } from 'node:worker_threads';
import { hostErrorCode } from '../log/hostError.ts';
import { Meeting, type MeetTask } from './meetTask.ts';

const { path, result } = workerData as MeetTask;

/** Milliseconds until the next attempt. */
const PAUSE = 20;
/** Between making its socket and listening there, the other refuses connections. Who refuses for so many attempts is none who meets anybody. */
const MOST_REFUSALS = 50;
let refusals = 0;

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

/** Connects to who is there; waits for another where nobody is. Two that find nobody at the same moment meet: only one can make the socket. */
function connect(): void {
  const socket = net.connect({ path });
  socket.pause();
  socket.once('connect', () => met(socket, false));
  socket.once('error', (error) => {
    const code = hostErrorCode(error);
    if (code === 'ENOENT') listen();
    else if (code === 'ECONNREFUSED' && ++refusals < MOST_REFUSALS) setTimeout(connect, PAUSE);
    else tell(Meeting.failed);
  });
}

function listen(): void {
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    server.close();
    met(socket, true);
  });
  server.once('error', (error) => {
    if (hostErrorCode(error) === 'EADDRINUSE') connect();
    else tell(Meeting.failed);
  });
  server.listen(path);
}

// The connection lasts as long as the worker.
setInterval(() => undefined, 0x7fff_ffff);
connect();
