import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import { type DebugLink, UserError } from '@everystep/core';
import { type DebugAddress, debugAddressText } from '../options/debugAddress.ts';
import { type GdbEvent, type GdbRequest, SHARED_WORDS, Shared } from './gdbMessages.ts';

/** Longest wait, in milliseconds, for the last reply to leave. */
const FAREWELL = 2000;

/** What a socket could not be opened for, by Node's names of errors. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use: choose another one',
  EACCES: 'that is not permitted: choose another one',
  EADDRNOTAVAIL: 'this computer has no such address',
  ENOTFOUND: 'there is no such address',
  ENOENT: 'there is no such directory',
};

/** File of the worker. The bundle has its workers beside it; sources run with the bundle's. */
const workerFile = (): string => fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/gdbWorker.cjs' : './gdbWorker.cjs', import.meta.url));

/** A debugger's connection, whose socket is in a worker. */
export class GdbLink implements DebugLink {
  private readonly shared: Int32Array;
  private readonly port: MessagePort;
  private readonly events: GdbEvent[] = [];
  private wake: (() => void) | undefined;
  /** Those that have been received. */
  private packets = 0;
  /** What gdb's `target remote` takes. */
  address: string;

  private constructor(at: DebugAddress) {
    const { MessageChannel, Worker } = process.getBuiltinModule('node:worker_threads');
    this.shared = new Int32Array(new SharedArrayBuffer(4 * SHARED_WORDS));
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.address = debugAddressText(at);
    new Worker(workerFile(), { workerData: { port: port2, shared: this.shared, at }, transferList: [port2] }).unref();
    port1.on('message', (event: GdbEvent) => {
      this.events.push(event);
      this.wake?.();
    });
  }

  /** Opens the socket. @throws UserError if that cannot be done */
  static async open(at: DebugAddress): Promise<GdbLink> {
    const link = new GdbLink(at);
    const event = await link.next();
    if (event.kind === 'failed') throw new UserError(`cannot wait for gdb at ${link.address}: ${REASONS[event.code] ?? event.code}`);
    if (event.kind === 'listening' && event.port !== undefined && 'host' in at) link.address = debugAddressText({ ...at, port: event.port });
    return link;
  }

  /** Waits until a debugger has come. */
  async connected(): Promise<void> {
    while ((await this.next()).kind !== 'connected');
  }

  private async next(): Promise<GdbEvent> {
    for (;;) {
      const event = this.events.shift();
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  async receive(): Promise<Uint8Array | undefined> {
    const event = await this.next();
    if (event.kind !== 'packet') return undefined;
    this.packets++;
    return event.payload;
  }

  send(payload: Uint8Array): void {
    this.post({ kind: 'send', payload });
  }

  private post(request: GdbRequest): void {
    Atomics.add(this.shared, Shared.pending, 1);
    this.port.postMessage(request);
  }

  interrupted(): boolean {
    return Atomics.load(this.shared, Shared.interrupt) > this.packets || Atomics.load(this.shared, Shared.gone) !== 0;
  }

  /** Closes the connection, once what was sent has left. */
  close(): void {
    this.post({ kind: 'close' });
    const end = Date.now() + FAREWELL;
    for (let left = 1; left > 0 && Date.now() < end && Atomics.load(this.shared, Shared.gone) === 0; left = Atomics.load(this.shared, Shared.pending)) {
      Atomics.wait(this.shared, Shared.pending, left, end - Date.now());
    }
    this.port.close();
  }
}
