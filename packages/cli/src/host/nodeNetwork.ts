import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import type { HostHandle, HostNetwork, NetworkEvent, NetworkInterface, NetworkRequest } from '@everystep/core';
import { type InputEvent, SocketInput } from './socketInput.ts';

/** A handle that no file has. */
export const NETWORK_HANDLE: HostHandle = -2;

/** Longest wait at once, in milliseconds. */
const LONGEST_WAIT = 1_000_000;

/** Longest wait, in milliseconds, for what was sent to leave when everystep ends. */
const FAREWELL = 2000;

/** File of the worker. The bundle has its workers beside it; sources run with the bundle's. */
const workerFile = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/networkWorker.cjs' : './networkWorker.cjs', import.meta.url));

/**
 * Node's network in a worker, so that the guest's thread never waits for an event loop; standard streams that are sockets are
 * read there, too. What both threads share:
 *
 *     0  events that the worker has told
 *     1  requests to send or close something that it has not done yet
 */
export class NodeNetwork implements HostNetwork {
  readonly handle = NETWORK_HANDLE;
  private port: MessagePort | undefined;
  private readonly counts = new Int32Array(new SharedArrayBuffer(8));
  private taken = 0;
  /** What has happened in the network, and has not been taken. */
  private readonly events: NetworkEvent[] = [];
  private readonly inputs = new Map<number, SocketInput>();

  /** @param reachesPaths whether sockets of the host's file system can be reached */
  constructor(readonly reachesPaths = true) {}

  /** Starts the worker. */
  private start(): MessagePort {
    const { MessageChannel, Worker } = process.getBuiltinModule('node:worker_threads');
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(workerFile(), { workerData: { port: port2, counts: this.counts }, transferList: [port2] });
    // Neither keeps a finished guest's host from ending; but what the guest has sent is to leave.
    worker.unref();
    port1.unref();
    process.once('exit', () => this.finish());
    return port1;
  }

  /** Waits until the worker has done what it was asked for. */
  private finish(): void {
    const end = Date.now() + FAREWELL;
    for (let left = Atomics.load(this.counts, 1); left > 0 && Date.now() < end; left = Atomics.load(this.counts, 1)) {
      Atomics.wait(this.counts, 1, left, end - Date.now());
    }
  }

  post(request: NetworkRequest): void {
    this.port ??= this.start();
    const { kind } = request;
    if (kind === 'send' || kind === 'end' || kind === 'close') Atomics.add(this.counts, 1, 1);
    this.port.postMessage(request);
  }

  take(): NetworkEvent | undefined {
    this.collect();
    return this.events.shift();
  }

  /** Hands on what the worker has told. */
  private collect(): void {
    while (this.port !== undefined && Atomics.load(this.counts, 0) !== this.taken) {
      const received = process.getBuiltinModule('node:worker_threads').receiveMessageOnPort(this.port);
      if (received === undefined) return;
      this.taken = (this.taken + 1) | 0;
      const event = received.message as NetworkEvent | InputEvent;
      if ('fd' in event) this.inputs.get(event.fd)?.told(event);
      else this.events.push(event);
    }
  }

  /** Waits until the worker has told something, or for so long. */
  private await(milliseconds: number): void {
    if (Atomics.load(this.counts, 0) === this.taken && milliseconds > 0) Atomics.wait(this.counts, 0, this.taken, Math.min(milliseconds, LONGEST_WAIT));
    this.collect();
  }

  /** Reads a standard stream that is a socket. */
  input(fd: number): SocketInput {
    let input = this.inputs.get(fd);
    if (input === undefined) {
      input = new SocketInput(fd, {
        ask: (request) => {
          this.port ??= this.start();
          this.port.postMessage(request);
        },
        await: (milliseconds) => this.await(milliseconds),
      });
      this.inputs.set(fd, input);
    }
    return input;
  }

  /** As Host.readable, of events. */
  readable(timeout: bigint | undefined): number {
    this.collect();
    if (this.events.length === 0) this.await(timeout === undefined ? LONGEST_WAIT : Number(timeout) / 1e6);
    return this.events.length === 0 ? 0 : 1;
  }

  interfaces(): readonly NetworkInterface[] {
    return networkInterfaces();
  }
}

/** The host's interfaces that work. */
export function networkInterfaces(): readonly NetworkInterface[] {
  return Object.entries(process.getBuiltinModule('node:os').networkInterfaces()).map(([name, addresses = []], i) => ({
    name,
    index: i + 1,
    hardware: Uint8Array.from((addresses[0]?.mac ?? '').split(':'), (part) => Number.parseInt(part, 16) || 0),
    addresses: addresses.map(({ address, cidr }) => ({ host: address, prefix: Number(cidr?.split('/')[1] ?? 0) })),
  }));
}
